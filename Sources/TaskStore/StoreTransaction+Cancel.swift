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
    try run("DELETE FROM fingerprints WHERE task = ?", [stored.id])
    try run("DELETE FROM resume_points WHERE task = ?", [stored.id])
    try run(
      """
      UPDATE manifest SET status = 'cancelled', phase = NULL, undoing = 0, duplicate_of = NULL,
        pruned_at = NULL, finished_at = ? WHERE id = ?
      """, [time.description, stored.id])
    try addEvent(event, to: stored.id, at: time)
  }
}
