import Operations
import TaskModel

/// One task as text: what the manifest knows, its rejected records, its history.
enum TaskPage {
  private static let mostRejects = 20

  static func text(of detail: TaskDetail, speeds: Speeds) -> String {
    let task = detail.record
    var lines: [(String, String)] = [
      ("task", task.taskID.description),
      ("name", task.name.escapedForTerminal),
      ("status", task.status.rawValue + (task.phase.map { " (\($0.rawValue))" } ?? "")),
      ("size", "\(task.sizeBytes) bytes, \(task.bytesRead) read"),
      ("rows", "\(task.rowsRead) read, \(task.rowsRejected) rejected"),
    ]
    if task.status == .running, task.phase == .ingesting {
      lines.append(("progress", ProgressBar.text(of: task, speeds: speeds)))
    }
    if let groups = task.groups { lines.append(("groups", "\(groups)")) }
    if let sum = task.playsSum { lines.append(("plays", "\(sum)")) }
    if let name = task.resultName { lines.append(("result", name.escapedForTerminal)) }
    if let original = task.duplicateOf { lines.append(("duplicate of", original.description)) }
    if let code = task.errorCode { lines.append(("error", code.rawValue)) }
    if let error = task.error { lines.append(("", error.escapedForTerminal)) }
    if let sha256 = task.sha256 { lines.append(("sha256", sha256)) }
    lines.append(("attempts", "\(task.attempts)"))
    if let time = detail.prunedAt {
      lines.append(("removed", "\(time): rows, files and history, by the retention"))
    }
    let width = lines.map(\.0.count).max() ?? 0
    var text = ""
    for (name, value) in lines {
      text += name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
    }
    return text + rejects(detail.rejects) + events(detail.events)
  }

  private static func rejects(_ rejects: [RejectedRecord]) -> String {
    guard !rejects.isEmpty else { return "" }
    var text = "\nrejected records\n"
    for reject in rejects.prefix(mostRejects) {
      let raw = String(decoding: reject.raw.prefix(80), as: UTF8.self).escapedForTerminal
      text +=
        "  line \(reject.line), column \(reject.column), byte \(reject.byte):"
        + " \(reject.reason)\n    \(raw)\n"
    }
    if rejects.count > mostRejects {
      text += "  and \(rejects.count - mostRejects) more, in the rejects file\n"
    }
    return text
  }

  private static func events(_ events: [TaskEvent]) -> String {
    var text = "\nhistory\n"
    for event in events {
      let detail = event.detail.map { ": \($0.escapedForTerminal)" } ?? ""
      text += "  \(event.at)  \(event.kind)\(detail)\n"
    }
    return text
  }
}
