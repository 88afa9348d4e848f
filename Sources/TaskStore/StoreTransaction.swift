import Foundation
import GRDB
import TaskModel

/// An open write transaction; the operations are its methods, so that several can share one commit.
///
/// It is made by `TaskStore.write` only, which commits where the body returns and rolls back where it
/// throws, and must not leave that body.
struct StoreTransaction {
  let database: Database
  let path: String

  /// The most that is kept of a rejected record's bytes.
  static let longestRejectedRaw = 4096
  /// The most rejected records that are kept of a task.
  static let mostRejects = 10_000
  /// The most events that are kept of a task: one that is tried again for ever stays bounded.
  static let mostEvents = 1000

  /// Runs one statement, prepared once a connection, and returns how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ arguments: StatementArguments) throws -> Int {
    try database.cachedStatement(sql: sql).execute(arguments: arguments)
    return database.changesCount
  }

  /// The task as it is within this transaction.
  func task(_ task: TaskID) throws -> StoredTask {
    // A cursor's row is read where SQLite has it; `fetchOne` would copy it first.
    let rows = try Row.fetchCursor(
      database.cachedStatement(sql: "SELECT * FROM manifest WHERE task_id = ?"),
      arguments: [task.description])
    guard let row = try rows.next() else { throw StoreError.unknownTask(task) }
    return try StoredTask(row: row, path: path)
  }

  /// The task, where its status may change as wanted.
  func task(_ task: TaskID, becoming status: TaskStatus) throws -> StoredTask {
    let stored = try self.task(task)
    guard stored.record.status.successors.contains(status) else {
      throw stored.refusing(status.rawValue)
    }
    return stored
  }

  /// The task, where it runs, is in that phase and is not being undone.
  func task(_ task: TaskID, in phase: TaskPhase, for attempted: String) throws -> StoredTask {
    let stored = try self.task(task)
    guard stored.record.phase == phase, !stored.isBeingUndone else {
      throw stored.refusing(attempted)
    }
    return stored
  }

  func addEvent(
    _ kind: String, to stored: Int64, at time: Timestamp, detail: String? = nil
  ) throws {
    try run(
      "INSERT INTO event_rows (task, at, kind, detail) VALUES (?, ?, ?, ?)",
      [stored, time.description, kind, detail])
  }

  /// Forgets the oldest events beyond the bound.
  func boundEvents(of stored: Int64) throws {
    try run(
      """
      DELETE FROM event_rows WHERE task = ?1 AND id <=
        (SELECT id FROM event_rows WHERE task = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
      """,
      [stored, Self.mostEvents])
  }

  func setProgress(_ progress: IngestProgress, of stored: Int64) throws {
    try run(
      """
      UPDATE manifest SET bytes_read = ?, rows_read = ?, rows_rejected = ?, "groups" = ? WHERE id = ?
      """,
      [progress.bytesRead, progress.rowsRead, progress.rowsRejected, progress.groups, stored])
  }

  /// Appends rejected records up to the bound; the ones beyond it are only counted, in the manifest.
  func addRejects(_ rejects: some Sequence<RejectedRecord>, to stored: Int64) throws {
    let count = try Int.fetchOne(
      database.cachedStatement(
        sql: "SELECT coalesce(max(number), 0) FROM reject_rows WHERE task = ?"),
      arguments: [stored])
    var number = count ?? 0
    for reject in rejects {
      guard number < Self.mostRejects else { return }
      number += 1
      try run(
        """
        INSERT INTO reject_rows (task, number, line, "column", byte, reason, raw)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
          stored, number, reject.line, reject.column, reject.byte, reject.reason,
          Data(reject.raw.prefix(Self.longestRejectedRaw)),
        ])
    }
  }
}

extension StoredTask {
  /// The error for what this task's state does not allow.
  func refusing(_ attempted: String) -> StoreError {
    .illegalTransition(
      record.taskID, from: record.status, phase: record.phase, attempted: attempted)
  }
}
