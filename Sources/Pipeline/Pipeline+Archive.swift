import Files
import Logging
import Synchronization
import TaskModel

extension Pipeline {
  /// Moves a task's original to the archive, or away; where that fails nothing hangs on it.
  func archive(_ record: TaskRecord) {
    archiveLeft()
    do {
      try context.folders.archive(record, policy: context.settings.archive)
    } catch {
      context.logger.warning(
        "cannot archive a file; it is tried again with the next one",
        metadata: ["task_id": "\(record.taskID)", "error": "\(error)"])
      unarchived.withLock { $0.append(record) }
    }
  }

  /// Tries again what could not be archived; start-up does the same for what a process leaves.
  func archiveLeft() {
    while let record = unarchived.withLock({ $0.popLast() }) {
      do {
        try context.folders.archive(record, policy: context.settings.archive)
      } catch {
        // It was said when it went wrong first; the others will not fare better now.
        unarchived.withLock { $0.append(record) }
        return
      }
    }
  }
}
