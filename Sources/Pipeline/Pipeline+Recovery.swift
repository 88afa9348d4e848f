import Files
package import Inbox
import Logging
import TaskModel
import TaskStore

// Start-up: what the last process left, and what becomes of it, by the table of `LifeStep`. Nothing else repairs
// anything.

extension Pipeline {
  /// Brings manifest, work, archive and outbox together; called once, before any worker or the inbox.
  ///
  /// - Parameters:
  ///   - inbox: What is claimed and has no row is its matter.
  ///   - onStep: Called again and again: what was begun of large files takes a while to be undone.
  /// - Throws: What the machine says.
  package func recover(_ inbox: Inbox, onStep: () -> Void = {}) throws {
    for stored in try context.store.unfinished()
    where LifeStep(stored.record).recovery == .undoAndEnqueue {
      let task = stored.record.taskID
      try context.store.requeue(
        task, reason: "watchd was stopped while it ran", at: .now(), afterEach: onStep)
      removeHiddenFiles(of: task)
    }
    try context.store.removeLeftovers(afterEach: onStep)
    let claims = try inbox.recover { id in
      onStep()
      return try context.store.task(id).map(KnownTask.init)
    }
    try archiveEnded(onStep: onStep)
    // All are queued by now, but for the claims, which `record` queues.
    enqueue(try context.store.unfinished().map(\.record))
    if !claims.isEmpty { try record(claims) }
  }

  private func archiveEnded(onStep: () -> Void) throws {
    for entry in try context.folders.work.entries() {
      onStep()
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
