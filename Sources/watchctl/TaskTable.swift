import TaskModel

/// The listing of tasks as text: one line a task, columns aligned, names made safe to show.
enum TaskTable {
  /// Only a name and a note are cut.
  ///
  /// Where there is no room for all columns the size goes first, then what was
  /// rejected, when, and how many rows: status, name, note and task stay, what is asked and what one asks on with.
  private static let titles = ["STATUS", "NAME", "SIZE", "ROWS", "REJECTED", "QUEUED", "TASK", ""]

  /// The listing, fitted to a terminal, and whole anywhere else.
  ///
  /// On a terminal times are given as ago, and of an id as much as tells it from the others.
  static func text(
    of tasks: [TaskRecord], counts: [TaskStatus: Int], speeds: Speeds, terminal: Terminal,
    now: Timestamp
  ) -> String {
    guard !tasks.isEmpty else {
      return counts.isEmpty ? "No file has been dropped yet.\n" : "No task matches.\n"
    }
    let idLength = terminal.width == nil ? 36 : lengthOfIDs(tasks)
    var table = TextTable(
      titles: titles, terminal: terminal, whole: [0, 2, 3, 4, 5, 6], dispensable: [2, 4, 5, 3])
    var text = ""
    for task in tasks {
      text += table.append(
        cells(of: task, idLength: idLength, speeds: speeds, terminal: terminal, now: now),
        below: lines(of: task, on: terminal) > 1
          ? "  " + ProgressBar.text(of: task, speeds: speeds) : nil)
    }
    let summary = TaskStatus.allCases.compactMap { status in
      counts[status].map { "\($0) \(status.rawValue)" }
    }
    let all = counts.values.reduce(0, +)
    let rest =
      tasks.count < all ? " (\(tasks.count) shown: --limit, --status and --since choose)" : ""
    return text + table.finish() + "\n" + summary.joined(separator: ", ") + rest + "\n"
  }

  /// A bar has a line of its own where it would leave no room for names.
  static func lines(of task: TaskRecord, on terminal: Terminal) -> Int {
    let isNarrow = terminal.width.map { $0 < 140 } ?? false
    return isNarrow && task.phase == .ingesting ? 2 : 1
  }

  private static func cells(
    of task: TaskRecord, idLength: Int, speeds: Speeds, terminal: Terminal, now: Timestamp
  ) -> [TextTable.Cell] {
    let queued =
      terminal.width == nil ? task.queuedAt.description : task.queuedAt.ago(from: now)
    let id = String(task.taskID.description.prefix(idLength))
    let rejected = TextTable.Cell(
      text: String(task.rowsRejected), isNumber: true,
      color: task.rowsRejected > 0 ? .yellow : nil)
    return [
      TextTable.Cell(text: task.status.rawValue, color: task.status.color),
      TextTable.Cell(text: shortened(terminal.shown(task.name))),
      TextTable.Cell(text: ByteSize.shown(task.sizeBytes), isNumber: true),
      TextTable.Cell(text: String(task.rowsRead), isNumber: true), rejected,
      TextTable.Cell(text: queued), TextTable.Cell(text: id),
      TextTable.Cell(
        text: lines(of: task, on: terminal) > 1
          ? "" : terminal.shown(note(on: task, speeds: speeds))),
    ]
  }

  /// The time of an id is its first 13 characters; tasks of one millisecond need more.
  private static func lengthOfIDs(_ tasks: [TaskRecord]) -> Int {
    let ids = tasks.map(\.taskID.description)
    return (13...36).first { length in Set(ids.map { $0.prefix(length) }).count == ids.count } ?? 36
  }

  private static func note(on task: TaskRecord, speeds: Speeds) -> String {
    switch task.status {
    case .queued: task.attempts > 0 ? "waits for attempt \(task.attempts + 1)" : ""
    case .cancelled: ""
    case .running:
      task.phase == .publishing
        ? "publishing" : ProgressBar.text(of: task, speeds: speeds)
    // Nearly always it has the name of its file.
    case .done: task.resultName == task.name ? "" : "-> " + (task.resultName ?? "")
    case .duplicate: "same bytes as \(task.duplicateOf?.description ?? "an earlier file")"
    case .failed: task.errorCode?.rawValue ?? ""
    }
  }

  private static func shortened(_ name: String) -> String {
    name.count <= 40 ? name : name.prefix(18) + "..." + name.suffix(19)
  }
}

/// `50% [##########..........]  240.8 MiB  120.4 MiB/s  2 s left`, or `100% [####################]  481.6 MiB  writing
/// result: 812000 rows`: what is cut on a narrow terminal comes last.
enum ProgressBar {
  private static let width = 20

  /// Without progress for so long a task is said to be stalled; the manifest is told once a second.
  private static let patience = Duration.seconds(10)

  static func text(of task: TaskRecord, speeds: Speeds) -> String {
    let part = task.sizeBytes > 0 ? Double(task.bytesRead) / Double(task.sizeBytes) : 0
    let filled = min(width, max(0, Int(part * Double(width))))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    var text = "\(Int(part * 100))% [\(bar)]  \(ByteSize.shown(task.bytesRead))"
    if task.isReadWhole {
      text += "  writing result" + (task.groups.map { ": \($0) rows" } ?? "")
    }
    let isGoingOver = speeds.isGoingOver(task.taskID)
    if isGoingOver { text += "  comparing what is loaded" }
    if let still = speeds.stillness(of: task.taskID), still >= patience {
      return text + "  stalled for \(still.components.seconds) s"
    }
    if !task.isReadWhole, let speed = speeds.speed(of: task.taskID), speed > 0 {
      text += "  \(ByteSize.shown(Int64(speed)))/s"
      // How far it has to go over is not all that is left.
      if isGoingOver { return text }
      let left = Int((Double(task.sizeBytes - task.bytesRead) / speed).rounded(.up))
      return text + "  \(shown(seconds: left)) left"
    }
    return text
  }
}

extension ProgressBar {
  private static func shown(seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    default: "\(seconds / 3600) h"
    }
  }
}

extension Timestamp {
  /// How long ago it was, in the largest unit that has a whole number: `3 min ago`.
  func ago(from now: Timestamp) -> String {
    let seconds = max(0, (now.milliseconds - milliseconds) / 1000)
    switch seconds {
    case ..<60: return "\(seconds) s ago"
    case ..<3600: return "\(seconds / 60) min ago"
    case ..<86_400: return "\(seconds / 3600) h ago"
    default: return "\(seconds / 86_400) d ago"
    }
  }
}
