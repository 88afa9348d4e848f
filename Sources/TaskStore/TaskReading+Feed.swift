import GRDB
package import TaskModel

/// An event with its number, by which a listener says how far it has heard, and its task as it is now.
package struct NumberedEvent: Hashable, Sendable {
  package let number: Int64
  package let event: TaskEvent
  package let task: TaskRecord
}

extension TaskReading {
  /// The number of the last event of all; 0 where there is none.
  package func lastEventNumber() throws(StoreError) -> Int64 {
    try read("look for events") { queries in try queries.lastEventNumber() }
  }

  /// The tasks of the manifest, the newest first, and the number of the last event that they know of.
  package func tasksWithLastEvent(
    _ filter: TaskFilter
  ) throws(StoreError) -> (tasks: [TaskRecord], lastEvent: Int64) {
    try read("list the tasks") { queries in
      (try queries.tasks(filter), try queries.lastEventNumber())
    }
  }

  /// The events of all tasks behind a number, the oldest first.
  package func events(
    after number: Int64, limit: Int
  ) throws(StoreError) -> [NumberedEvent] {
    try read("list events") { queries in try queries.events(after: number, limit: limit) }
  }

  /// When the task was queued that waits for the longest time; nil where none waits.
  package func oldestQueued() throws(StoreError) -> Timestamp? {
    try read("look for the oldest waiting task") { queries in
      try queries.tasks(
        "SELECT * FROM manifest WHERE status = 'queued' ORDER BY task_id LIMIT 1", []
      ).first?.record.queuedAt
    }
  }
}

extension TaskQueries {
  fileprivate func lastEventNumber() throws -> Int64 {
    try Int64.fetchOne(database.cachedStatement(sql: "SELECT max(id) FROM event_rows")) ?? 0
  }

  fileprivate func events(after number: Int64, limit: Int) throws -> [NumberedEvent] {
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT manifest.*, event_rows.id AS event_id, event_rows.at AS event_at,
            event_rows.kind AS event_kind, event_rows.detail AS event_detail
          FROM event_rows JOIN manifest ON manifest.id = event_rows.task
          WHERE event_rows.id > ? ORDER BY event_rows.id LIMIT ?
          """),
      arguments: [number, limit])
    return try Array(
      rows.map { row in
        let task = try StoredTask(row: row, path: path).record
        guard let at = Timestamp(row["event_at"] as String) else {
          throw StoreError.corrupt(path: path, detail: "event_rows.at holds no time")
        }
        let event = TaskEvent(
          taskID: task.taskID, at: at, kind: row["event_kind"], detail: row["event_detail"])
        return NumberedEvent(number: row["event_id"], event: event, task: task)
      })
  }
}
