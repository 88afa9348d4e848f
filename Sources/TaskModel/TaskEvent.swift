/// Something that happened to a task, with its time; kept in `events` so that a person can retrace it.
package struct TaskEvent: Hashable, Sendable {
  package let taskID: TaskID
  package let at: Timestamp
  /// A short word: `queued`, `started`, `requeued`, `published`, `done`, `failed` ...
  package let kind: String
  /// One sentence, or nil where the kind says all.
  package let detail: String?

  package init(taskID: TaskID, at: Timestamp, kind: String, detail: String?) {
    self.taskID = taskID
    self.at = at
    self.kind = kind
    self.detail = detail
  }
}
