import Files
import Logging
import Synchronization
import TaskModel

extension Pipeline {
  /// Clears away after a task that has ended: what stands for its publication goes, and its original to the archive, or away.
  ///
  /// Where that fails nothing hangs on it, and it is tried again.
  func clearAway(_ record: TaskRecord) {
    clearAwayLeft()
    do {
      try clear(record)
    } catch {
      context.logger.warning(
        "cannot clear away after a file; it is tried again with the next one",
        metadata: ["task_id": "\(record.taskID)", "error": "\(error)"])
      uncleared.withLock { $0.append(record) }
    }
  }

  /// Tries again what could not be cleared away; start-up does the same for what a process leaves.
  func clearAwayLeft() {
    while let record = uncleared.withLock({ $0.popLast() }) {
      do {
        try clear(record)
      } catch {
        // It was said when it went wrong first; the others will not fare better now.
        uncleared.withLock { $0.append(record) }
        return
      }
    }
  }

  private func clear(_ record: TaskRecord) throws {
    let folders = try context.folders.withOutbox(at: context.settings.outbox)
    try OutboxFile.remove(.publishing, of: record.taskID, from: folders.outbox)
    try folders.archive(record, policy: context.settings.archive)
  }
}
