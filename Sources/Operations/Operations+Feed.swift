package import TaskModel
package import TaskStore

/// What happened to a task, with its number among the events of all tasks, and the task as it is now.
package struct TaskNews: Sendable, Encodable {
  package let number: Int64
  package let task: TaskRecord
  private let event: EventJSON

  fileprivate init(_ numbered: NumberedEvent) {
    number = numbered.number
    task = numbered.task
    event = EventJSON(numbered.event)
  }

  private enum CodingKeys: String, CodingKey {
    case task
  }

  package func encode(to encoder: any Encoder) throws {
    try event.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(task, forKey: .task)
  }
}

/// What happens to tasks, one after the other.
extension Operations {
  package func lastEventNumber() throws(StoreError) -> Int64 { try store.lastEventNumber() }

  /// The tasks, the newest first, and the number of the last event that they know of: who listens goes on behind it.
  package func tasksWithLastEvent(
    _ filter: Filter
  ) throws(StoreError) -> (tasks: [TaskRecord], lastEvent: Int64) {
    try store.tasksWithLastEvent(filter.stored)
  }

  /// The events of all tasks behind a number, the oldest first.
  package func events(after number: Int64, limit: Int) throws(StoreError) -> [TaskNews] {
    try store.events(after: number, limit: limit).map(TaskNews.init)
  }

  /// The tasks that are worked on, with how far they are.
  package func running() throws(StoreError) -> [TaskRecord] {
    try store.tasks(TaskFilter(status: .running))
  }

  /// What each of them is at.
  package func motions() throws(StoreError) -> [TaskID: TaskMotion] {
    try store.motions()
  }
}
