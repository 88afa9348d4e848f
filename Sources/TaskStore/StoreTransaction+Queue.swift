import Foundation
import GRDB
import TaskModel

extension StoreTransaction {
  /// Adds rows for claimed files; a task that is there already stays as it is.
  func add(_ tasks: some Sequence<NewTask>, at time: Timestamp) throws {
    for task in tasks {
      let added = try run(
        """
        INSERT INTO manifest (task_id, name, raw_name, status, size_bytes, source_identity, queued_at)
        VALUES (?, ?, ?, 'queued', ?, ?, ?) ON CONFLICT (task_id) DO NOTHING
        """,
        [
          task.taskID.description, task.rawName.text, Data(task.rawName.bytes), task.sizeBytes,
          task.sourceIdentity, time.description,
        ])
      if added > 0 {
        try addEvent("queued", to: database.lastInsertedRowID, at: time)
      }
    }
  }

  /// Notes why a task in the queue is not begun, or one that publishes does not end; it stays there.
  func noteWaiting(_ task: TaskID, reason: String, at time: Timestamp) throws {
    let stored = try self.task(task)
    guard stored.record.status == .queued || stored.record.phase == .publishing else {
      throw stored.refusing("made to wait")
    }
    try addEvent("waiting", to: stored.id, at: time, detail: reason)
    try boundEvents(of: stored.id)
  }

  func start(_ task: TaskID, at time: Timestamp) throws {
    let stored = try self.task(task, becoming: .running)
    try run(
      """
      UPDATE manifest SET status = 'running', phase = 'ingesting', attempts = attempts + 1,
        started_at = ? WHERE id = ?
      """,
      [time.description, stored.id])
    try addEvent("started", to: stored.id, at: time)
  }

  /// Back to the queue, where one chunk is all that is left of the rows: as if it had never run, but
  /// for `attempts`, the events, what an attempt may have published under which names, and, where that is
  /// wanted, all that lies before its resume point.
  ///
  /// - Returns: False where more is left: the chunk is gone, the status is what it was, and the call
  ///   is to be repeated in another transaction.
  func requeue(
    _ task: TaskID, toResume: Bool, sizeBytes: Int64?, reason: String, at time: Timestamp
  ) throws -> Bool {
    let stored = try self.task(task, becoming: .queued)
    let kept = toResume && stored.record.status == .running ? try keptBatch(of: stored.id) : 0
    guard try undoChunk(of: stored.id, behind: kept) else { return false }
    // The next attempt lists them again, from the first one on.
    try run("DELETE FROM reject_rows WHERE task = ?", [stored.id])
    try run(
      """
      UPDATE manifest SET status = 'queued', phase = NULL, bytes_read = 0, sha256 = NULL,
        rows_read = 0, rows_rejected = 0, "groups" = NULL, plays_sum = NULL, result_name = NULL,
        error_code = NULL, error = NULL, duplicate_of = NULL, started_at = NULL,
        finished_at = NULL, pruned_at = NULL, "columns" = NULL,
        size_bytes = coalesce(?, size_bytes)
      WHERE id = ?
      """,
      [sizeBytes, stored.id])
    try addEvent("requeued", to: stored.id, at: time, detail: reason)
    try boundEvents(of: stored.id)
    return true
  }
}
