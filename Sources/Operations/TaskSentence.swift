import Pipeline
import TaskModel

/// Where a task stands, in one sentence.
struct TaskSentence {
  let task: TaskRecord
  /// The oldest first.
  let events: [TaskEvent]
  /// How many tasks are queued before it.
  let ahead: Int
  /// Whether it reads again what is loaded already.
  let isGoingOver: Bool
  let daemonRuns: Bool

  var reason: Explanation.Reason {
    switch task.status {
    case .queued: setback == nil ? .queued : .waiting
    case .running: setback == nil ? .running : .waiting
    case .done: .done
    case .duplicate: .duplicate
    case .failed: .failed
    case .cancelled: .cancelled
    }
  }

  var text: String {
    switch task.status {
    case .queued: queued
    case .running: running
    case .done, .duplicate, .failed, .cancelled: Self.text(ofEnded: task)
    }
  }

  /// What became of a task that is over.
  static func text(ofEnded task: TaskRecord) -> String {
    switch task.status {
    case .queued, .running: "it is \(task.status.rawValue)"
    case .done:
      "it is loaded: \(task.rowsRead) \(task.rowsRead == 1 ? "row" : "rows") read, \(task.rowsRejected) rejected\(result(of: task))"
    case .duplicate:
      "its bytes are those of task \(task.duplicateOf?.description ?? "unknown"), so its rows count no second time"
        + result(of: task)
    case .failed:
      "it failed (\(task.errorCode?.rawValue ?? "no code")): \(task.error ?? "no reason is known")"
    case .cancelled: "it was cancelled; its rows do not count"
    }
  }

  private static func result(of task: TaskRecord) -> String {
    task.resultName.map { "; its result is \($0) in the outbox" } ?? ""
  }

  /// What the last attempt met, where nothing happened since.
  private var setback: TaskEvent? {
    events.lastStep.flatMap { ["requeued", "waiting"].contains($0.kind) ? $0 : nil }
  }

  private var queued: String {
    guard let setback else {
      return ahead == 0
        ? "it is queued, and is the next one" + start
        : "it is queued behind \(ahead) \(ahead == 1 ? "other" : "others")" + start
    }
    let tries =
      switch task.attempts {
      case 0: "not tried yet"
      case 1: "tried once"
      default: "tried \(task.attempts) times"
      }
    let order =
      Suspicion.holds(task, last: setback)
      ? "; perhaps for something in the file, so it is taken up when no other waits (watchctl cancel takes it out)"
      : ""
    return "it waits to be tried again (\(tries) so far)"
      + (setback.detail.map { ": \($0)" } ?? "") + order + start
  }

  private var running: String {
    guard daemonRuns else {
      return "it was interrupted while it was being processed, and goes on from there" + start
    }
    if task.phase == .publishing {
      return "its rows are read, its result is being written"
        + (setback?.detail.map { "; that waits to be tried again: \($0)" } ?? "")
    }
    if task.isReadWhole {
      let written = task.groups.map { ", \($0) rows so far" } ?? ""
      return "it is read, \(task.rowsRead) rows; its result is being written\(written)"
    }
    let part = task.sizeBytes > 0 ? 100 * Double(task.bytesRead) / Double(task.sizeBytes) : 0
    if isGoingOver {
      return "it goes on where it was interrupted, once what is loaded was compared with the file:"
        + " \(ByteSize.shown(task.bytesRead)) of \(ByteSize.shown(task.sizeBytes)) so far"
    }
    return "it is being read: \(min(100, Int(part))) % of \(ByteSize.shown(task.sizeBytes)),"
      + " \(task.rowsRead) rows so far"
  }

  private var start: String {
    daemonRuns ? "" : "; the daemon does not run: start watchd"
  }
}
