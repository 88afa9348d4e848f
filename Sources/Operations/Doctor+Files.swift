import Files
import TaskModel
import TaskStore

/// Tasks and files that somebody should look at.
extension Doctor {
  private static let day: Int64 = 86_400_000
  private static let mostNamed = 5

  /// Files that nobody takes; one that is being written, or was seen a moment ago, is none of these.
  mutating func checkInbox(_ look: InboxLook) {
    var left: [String] = []
    let count = attempt("inbox-files") {
      var count = 0
      for name in try look.directory.entries() {
        guard let (reason, sentence) = try look.finding(on: name), Self.isForgotten(reason, name)
        else {
          continue
        }
        count += 1
        if left.count < Self.mostNamed { left.append("\(name.shown): \(sentence)") }
      }
      return count
    }
    guard let count else { return }
    if count == 0 { return fine("inbox-files", "nothing lies in the inbox that nobody takes") }
    let more = count > left.count ? "; and \(count - left.count) more" : ""
    wrong(
      "inbox-files",
      "nobody takes \(count) of the inbox's entries: " + left.joined(separator: "; ") + more,
      remedy: "rename or move what is left alone, and see that watchd runs")
  }

  private static func isForgotten(_ reason: Explanation.Reason, _ name: FileName) -> Bool {
    switch reason {
    case .notRegular, .daemonDown, .notTaken: true
    // A hidden or a temporary name is how a careful sender says "not yet".
    case .ignoredName: InputName(name) == .ignored(.other)
    default: false
    }
  }

  mutating func checkTasks(_ operations: Operations, daemonRuns: Bool) {
    attempt("tasks") { try operations.store.unfinished() }.map {
      checkWaiting($0.map(\.record), operations, daemonRuns: daemonRuns)
    }
    let since = Timestamp(milliseconds: Timestamp.now().milliseconds - Self.day)
    let filter = Operations.Filter(status: .failed, since: since)
    attempt("failed") { try operations.tasks(filter) }.map { failed in
      guard let latest = failed.first else {
        return fine("failed", "no file failed within a day")
      }
      wrong(
        "failed",
        "\(failed.count) \(failed.count == 1 ? "file" : "files") failed within a day, the latest is"
          + " \(latest.name.escapedForTerminal): \(latest.error ?? "")",
        remedy:
          "watchctl status --status failed lists them; a corrected file may have the same name")
    }
  }

  private mutating func checkWaiting(
    _ tasks: [TaskRecord], _ operations: Operations, daemonRuns: Bool
  ) {
    guard let oldest = tasks.first else { return fine("queue", "no file waits") }
    let sentence = attempt("queue") {
      TaskSentence(
        task: oldest, events: try operations.store.events(of: oldest.taskID), ahead: 0,
        isGoingOver: try operations.store.motions()[oldest.taskID]?.isGoingOver ?? false,
        daemonRuns: daemonRuns)
    }
    guard let sentence else { return }
    let text =
      "\(tasks.count) \(tasks.count == 1 ? "file waits or is" : "files wait or are") being read, the oldest"
      + " since \(oldest.queuedAt): \(oldest.name.escapedForTerminal): \(sentence.text)"
    if !daemonRuns {
      wrong("queue", text, remedy: "start watchd with this state directory")
    } else if sentence.reason == .waiting {
      wrong("queue", text, remedy: "remove what it met; watchd tries again by itself")
    } else {
      fine("queue", text)
    }
  }
}
