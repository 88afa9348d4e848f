import TaskModel

/// The listing of tasks as text: one line a task, columns aligned, names made safe to show.
enum TaskTable {
  private static let header = ["STATUS", "NAME", "SIZE", "ROWS", "REJECTED", "QUEUED", "TASK", ""]

  static func text(of tasks: [TaskRecord], counts: [TaskStatus: Int], speeds: Speeds) -> String {
    guard !tasks.isEmpty else {
      return counts.isEmpty ? "No file has been dropped yet.\n" : "No task matches.\n"
    }
    let rows = [header] + tasks.map { row(of: $0, speeds: speeds) }
    let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell + String(repeating: " ", count: widths[column] - cell.count) + "  "
      }
      text += line.trimmingTrailingSpaces + "\n"
    }
    let summary = TaskStatus.allCases.compactMap { status in
      counts[status].map { "\($0) \(status.rawValue)" }
    }
    return text + "\n" + summary.joined(separator: ", ") + "\n"
  }

  private static func row(of task: TaskRecord, speeds: Speeds) -> [String] {
    [
      task.status.rawValue, shortened(task.name.escapedForTerminal),
      ByteSize.shown(task.sizeBytes), String(task.rowsRead), String(task.rowsRejected),
      task.queuedAt.description, task.taskID.description, note(on: task, speeds: speeds),
    ]
  }

  private static func note(on task: TaskRecord, speeds: Speeds) -> String {
    switch task.status {
    case .queued, .cancelled: ""
    case .running:
      task.phase == .publishing
        ? "publishing" : ProgressBar.text(of: task, speed: speeds.speed(of: task.taskID))
    case .done: "-> " + shortened((task.resultName ?? "").escapedForTerminal)
    case .duplicate: "same bytes as \(task.duplicateOf?.description ?? "an earlier file")"
    case .failed: task.errorCode?.rawValue ?? ""
    }
  }

  private static func shortened(_ name: String) -> String {
    name.count <= 40 ? name : name.prefix(18) + "..." + name.suffix(19)
  }
}

/// `[#####.....]  50%  120.4 MiB/s  2 s left`.
enum ProgressBar {
  private static let width = 20

  static func text(of task: TaskRecord, speed: Double?) -> String {
    let part = task.sizeBytes > 0 ? Double(task.bytesRead) / Double(task.sizeBytes) : 0
    let filled = min(width, max(0, Int(part * Double(width))))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    var text = "[\(bar)] \(Int(part * 100))%"
    if let speed, speed > 0 {
      let left = Int((Double(task.sizeBytes - task.bytesRead) / speed).rounded(.up))
      text += "  \(ByteSize.shown(Int64(speed)))/s  \(left) s left"
    }
    return text
  }
}
