import GRDB
import TaskModel

extension StoreTransaction {
  /// Takes a task back: one that waits or runs, or, as `forget`, one that counts.
  ///
  /// One change of status, and none of its rows is seen any more; they are taken out afterwards, as those of every
  /// other task that ended without any. The content may be loaded again at once.
  func cancel(_ task: TaskID, from allowed: Set<TaskStatus>, event: String, at time: Timestamp)
    throws
  {
    let stored = try self.task(task, becoming: .cancelled)
    guard allowed.contains(stored.record.status) else { throw stored.refusing(event) }
    if stored.record.status == .running { try giveUpAttempt(of: stored.id) }
    try run("DELETE FROM fingerprints WHERE task = ?", [stored.id])
    try run("DELETE FROM resume_points WHERE task = ?", [stored.id])
    try run(
      """
      UPDATE manifest SET status = 'cancelled', phase = NULL, undoing = 0, duplicate_of = NULL,
        pruned_at = NULL, finished_at = ? WHERE id = ?
      """, [time.description, stored.id])
    try addEvent(event, to: stored.id, at: time)
  }

  /// What the manifest has of an attempt that did not come to its end, but for its number and the names that it may have
  /// published under.
  private func giveUpAttempt(of stored: Int64) throws {
    try run("DELETE FROM reject_rows WHERE task = ?", [stored])
    try run(
      """
      UPDATE manifest SET bytes_read = 0, sha256 = NULL, rows_read = 0, rows_rejected = 0, "groups" = NULL,
        plays_sum = NULL, result_name = NULL, error_code = NULL, error = NULL, "columns" = NULL
      WHERE id = ?
      """, [stored])
  }
}
