import Foundation
import GRDB
import TaskModel

/// The questions of `TaskReading` on one open snapshot.
struct TaskQueries {
  let database: Database
  let path: String

  func task(_ task: TaskID) throws -> StoredTask? {
    try tasks("SELECT * FROM manifest WHERE task_id = ?", [task.description]).first
  }

  func task(matching text: String) throws -> StoredTask? {
    if let id = TaskID(text) { return try task(id) }
    // No name has a NUL, and SQLite would take the text up to there for all of it.
    guard !text.utf8.contains(0) else { return nil }
    let candidates = try tasks(beginningWith: text)
    guard candidates.count <= 1 else {
      throw StoreError.ambiguous(prefix: text, candidates: candidates.map(\.record.taskID))
    }
    if let only = candidates.first { return only }
    return try tasks(
      "SELECT * FROM manifest WHERE name = ? ORDER BY task_id DESC LIMIT 1", [text]
    ).first
  }

  /// Up to five tasks; none for a prefix that is too short or cannot begin an id.
  private func tasks(beginningWith prefix: String) throws -> [StoredTask] {
    let digits = "0123456789abcdef-"
    guard prefix.utf8.count >= 4, prefix.allSatisfy(digits.contains) else { return [] }
    // "g" comes after every character of an id, so this is the range of all that begin so.
    return try tasks(
      "SELECT * FROM manifest WHERE task_id >= ?1 AND task_id < ?1 || 'g' ORDER BY task_id LIMIT 5",
      [prefix])
  }

  func unfinished() throws -> [StoredTask] {
    try tasks(
      "SELECT * FROM manifest WHERE status IN ('queued', 'running') ORDER BY task_id", [])
  }

  /// Their ids alone, which the index has: however wide the rows are, none of them is read.
  ///
  /// In one text, for a row takes longer to come out of SQLite than its id.
  func unfinishedIDs() throws -> Set<TaskID> {
    let statement = try database.cachedStatement(sql: Self.unfinishedIDs)
    let texts = Array((try String.fetchOne(statement) ?? "").utf8)
    var ids = Set<TaskID>(minimumCapacity: texts.count / TaskID.length)
    for start in stride(from: 0, to: texts.count, by: TaskID.length) {
      let end = min(start + TaskID.length, texts.count)
      ids.insert(try known(TaskID(bytes: texts.span.extracting(start..<end))))
    }
    return ids
  }

  static let unfinishedIDs =
    "SELECT group_concat(task_id, '') FROM manifest WHERE status IN ('queued', 'running')"

  /// Numbers go on by one, so the last batch of each task is enough; and one that has fewer rows than lie before the place
  /// where it goes on has not come to that place.
  func motions() throws -> [TaskID: TaskMotion] {
    let rows = try Row.fetchAll(
      database.cachedStatement(
        sql: """
          SELECT task_id, (SELECT max(number) FROM batches WHERE task = manifest.id) AS batches,
            phase = 'ingesting' AND rows_read <
              (SELECT rows_read FROM resume_points WHERE task = manifest.id) AS is_going_over
          FROM manifest WHERE status = 'running'
          """))
    return try Dictionary(
      rows.map { row in
        let motion = TaskMotion(
          batches: row["batches"] ?? 0, isGoingOver: row["is_going_over"] ?? false)
        return (try known(TaskID(row["task_id"] as String)), motion)
      }
    ) { first, _ in first }
  }

  private func known(_ id: TaskID?) throws -> TaskID {
    guard let id else {
      throw StoreError.corrupt(path: path, detail: "manifest.task_id holds what is no id")
    }
    return id
  }

  func counts() throws -> [TaskStatus: Int] {
    var counts: [TaskStatus: Int] = [:]
    let rows = try Row.fetchAll(
      database.cachedStatement(
        sql: "SELECT status, tasks FROM status_counts WHERE tasks > 0"))
    for row in rows {
      guard let status = TaskStatus(rawValue: row["status"]) else {
        throw StoreError.corrupt(path: path, detail: "manifest.status holds an unknown word")
      }
      counts[status] = row["tasks"]
    }
    return counts
  }

  func latestTask(of name: FileName) throws -> StoredTask? {
    try tasks(
      "SELECT * FROM manifest WHERE name = ? AND raw_name = ? ORDER BY task_id DESC LIMIT 1",
      [name.text, Data(name.bytes)]
    ).first
  }

  func firstTask(of name: FileName, size: Int64?, after task: TaskID?) throws -> StoredTask? {
    try tasks(
      """
      SELECT * FROM manifest
      WHERE name = ?1 AND task_id > ?2 AND raw_name = ?3 AND (?4 IS NULL OR size_bytes = ?4)
      ORDER BY task_id LIMIT 1
      """,
      [name.text, task?.description ?? "", Data(name.bytes), size]
    ).first
  }

  func queued(before task: TaskID) throws -> Int {
    let statement = try database.cachedStatement(
      sql: "SELECT count(*) FROM manifest WHERE status = 'queued' AND task_id < ?")
    return try Int.fetchOne(statement, arguments: [task.description]) ?? 0
  }

  func rejects(of task: TaskID, limit: Int?, offset: Int) throws -> [RejectedRecord] {
    // Numbers are from 1 on and without gaps.
    let rows = try Row.fetchAll(
      database.cachedStatement(
        sql: "SELECT * FROM rejects WHERE task_id = ? AND number > ? ORDER BY number LIMIT ?"),
      arguments: [task.description, offset, limit.map { limit in max(0, limit) } ?? -1])
    return rows.map { row in
      RejectedRecord(
        line: row["line"], column: row["column"], byte: row["byte"], reason: row["reason"],
        raw: Array(row["raw"] as Data))
    }
  }

  func events(of task: TaskID) throws -> [TaskEvent] {
    let rows = try Row.fetchAll(
      database.cachedStatement(
        sql: """
          SELECT event_rows.* FROM event_rows JOIN manifest ON manifest.id = event_rows.task
          WHERE manifest.task_id = ? ORDER BY event_rows.id
          """),
      arguments: [task.description])
    return try rows.map { row in
      guard let at = Timestamp(row["at"] as String) else {
        throw StoreError.corrupt(path: path, detail: "event_rows.at holds no time")
      }
      return TaskEvent(taskID: task, at: at, kind: row["kind"], detail: row["detail"])
    }
  }

  func tasks(_ sql: String, _ arguments: StatementArguments) throws -> [StoredTask] {
    let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: arguments)
    return try Array(rows.map { row in try StoredTask(row: row, path: path) })
  }
}
