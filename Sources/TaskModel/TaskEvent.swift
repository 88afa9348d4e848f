/// Something that happened to a task, with its time; kept in `events` so that a person can retrace it.
package struct TaskEvent: Hashable, Sendable {
  package let taskID: TaskID
  package let at: Timestamp
  /// A short word: `queued`, `started`, `requeued`, `published`, `done`, `failed`, `sent-again` ...
  package let kind: String
  /// One sentence, or nil where the kind says all.
  package let detail: String?

  /// The kind of one that is no step of the task: its file was sent once more, and is the same.
  package static let sentAgain = "sent-again"

  package init(taskID: TaskID, at: Timestamp, kind: String, detail: String?) {
    self.taskID = taskID
    self.at = at
    self.kind = kind
    self.detail = detail
  }
}

extension BidirectionalCollection<TaskEvent> {
  /// What the task itself met or did last.
  package var lastStep: TaskEvent? { last { $0.kind != TaskEvent.sentAgain } }
}
