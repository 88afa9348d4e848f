import Files
package import Inbox
import Logging
import TaskModel
import TaskStore

// Start-up: what the last process left, and what becomes of it, by the table of `LifeStep`. Nothing else repairs
// anything.

extension Pipeline {
  /// Brings manifest, work, archive and outbox together; called once, before any worker or the inbox.
  package func recover(_ inbox: Inbox) throws {
    for stored in try context.store.unfinished()
    where LifeStep(stored.record).recovery == .undoAndEnqueue {
      let task = stored.record.taskID
      try context.store.requeue(task, reason: "watchd was stopped while it ran", at: .now())
      removeHiddenFiles(of: task)
    }
    try context.store.removeLeftovers()
    let claims = try inbox.recover { id in try context.store.task(id).map(KnownTask.init) }
    try archiveEnded()
    // All are queued by now, but for the claims, which `record` queues.
    enqueue(try context.store.unfinished().map(\.record))
    if !claims.isEmpty { try record(claims) }
  }

  private func archiveEnded() throws {
    for entry in try context.folders.work.entries() {
      guard let id = TaskID(entry.text), let stored = try context.store.task(id),
        LifeStep(stored.record).recovery == .archive
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
