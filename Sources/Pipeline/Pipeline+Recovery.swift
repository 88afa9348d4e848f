import Files
package import Inbox
import Logging
import TaskModel
import TaskStore

// Start-up: what the last process left, and what becomes of it. Nothing else repairs anything.
//
//   found                                          becomes
//   running in the manifest                        queued: rows and hidden files of the attempt removed
//   file in state/work, no row                     a task (`Inbox.recover` has the table of that folder)
//   ended in the manifest, folder in state/work    archived: the process died between the two
//   queued in the manifest                         queued for the workers
//   files in the outbox of an unfinished task      left: the next attempt finds that they are its own

extension Pipeline {
  /// Brings manifest, work, archive and outbox together; called once, before any worker or the inbox.
  package func recover(_ inbox: Inbox) throws {
    for stored in try context.store.unfinished() where stored.record.status == .running {
      let task = stored.record.taskID
      try context.store.requeue(task, reason: "watchd was stopped while it ran", at: .now())
      removeHiddenFiles(of: task)
    }
    try context.store.removeLeftovers()
    let claims = try inbox.recover { id in try context.store.task(id).map(KnownTask.init) }
    try archiveEnded()
    // Before the claims are recorded, which queues them.
    enqueue(try context.store.unfinished().map(\.record))
    if !claims.isEmpty { try record(claims) }
  }

  private func archiveEnded() throws {
    for entry in try context.folders.work.entries() {
      guard let id = TaskID(entry.text), let stored = try context.store.task(id),
        stored.record.status.isFinal
      else { continue }
      archive(stored.record)
    }
  }
}

extension KnownTask {
  fileprivate init(_ stored: StoredTask) {
    self.init(
      name: stored.record.rawName,
      source: stored.sourceIdentity.flatMap { FileStatus(text: $0) })
  }
}
