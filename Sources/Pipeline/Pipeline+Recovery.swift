import Files
package import Inbox
import Logging
import TaskModel
import TaskStore

// Start-up: what the last process left, and what becomes of it, by the table of `LifeStep`. Nothing else repairs
// anything.

extension Pipeline {
  /// Brings manifest, work, archive and outbox together; called before any worker or the inbox, and again where it threw.
  ///
  /// - Parameters:
  ///   - inbox: What is claimed and has no row is its matter.
  ///   - onStep: Called again and again: what was begun of large files takes a while to be undone.
  /// - Throws: What the machine says.
  package func recover(_ inbox: Inbox, onStep: () -> Void = {}) throws {
    for stored in try context.store.unfinished() {
      switch LifeStep(stored.record).recovery {
      case .undoAndEnqueue, .publishAndEnd:
        try undo(stored.record.taskID, because: Suspicion.interrupted, afterEach: onStep)
      case .none, .record, .enqueue, .archive: break
      }
    }
    try context.store.removeLeftovers(afterEach: onStep)
    let claims = try inbox.recover { id in
      onStep()
      return try context.store.task(id).map(KnownTask.init)
    }
    try archiveEnded(onStep: onStep)
    try removeHiddenFilesOfEnded()
    if !claims.isEmpty { try context.store.add(claims.map(NewTask.init), at: .now()) }
    // The last step, so that nothing is queued twice: all are queued in the manifest by now, or publish.
    context.queue.add(try context.store.unfinished().map { try entry(for: $0.record) })
  }

  private func entry(for task: TaskRecord) throws -> WorkQueue.Entry {
    let size = task.sizeBytes.unpacked(as: task.rawName)
    guard task.status == .queued, try Suspicion.holds(task, last: lastEvent(of: task)) else {
      return WorkQueue.Entry(taskID: task.taskID, size: size)
    }
    context.logger.warning(
      """
      watchd ended again and again while this file was processed; it is taken up when no other waits, and watchctl \
      cancel takes it out
      """,
      metadata: [
        "task_id": "\(task.taskID)", "name": "\(task.name)", "attempts": "\(task.attempts)",
      ])
    return WorkQueue.Entry(taskID: task.taskID, size: size, suspicion: task.attempts)
  }

  /// Not asked of a task that was begun never.
  private func lastEvent(of task: TaskRecord) throws -> TaskEvent? {
    task.attempts == 0 ? nil : try context.store.events(of: task.taskID).lastStep
  }

  private func archiveEnded(onStep: () -> Void) throws {
    for entry in try context.folders.work.entries() {
      onStep()
      guard let id = TaskID(entry.text), let stored = try context.store.task(id),
        LifeStep(stored.record).recovery == .archive
      else { continue }
      clearAway(stored.record)
    }
  }

  /// Power may go after the manifest said how a task ended and before a removal in the outbox was durable.
  private func removeHiddenFilesOfEnded() throws {
    var ended: Set<TaskID> = []
    try context.folders.outbox.forEachEntry { name in
      guard let task = OutboxFile.task(ofHidden: name) else { return }
      if try context.store.task(task)?.record.status.isFinal == true { ended.insert(task) }
    }
    for task in ended { removeHiddenFiles(of: task) }
  }

  /// Undoes what an attempt has done so far and queues the task in the manifest, unless it is on its way out by now.
  ///
  /// - Returns: Whether something was undone.
  @discardableResult
  func undo(
    _ task: TaskID, because reason: String, afterEach onStep: () -> Void = {}
  ) throws -> Bool {
    let stored = try context.store.task(task)
    let isRunning = stored?.record.status == .running
    if let stored, isRunning, try publication(of: stored) != nil { return false }
    if isRunning { try context.store.requeue(task, reason: reason, at: .now(), afterEach: onStep) }
    removeHiddenFiles(of: task)
    return isRunning
  }

  /// Goes on with a task that was interrupted while it published; nil where that cannot be gone on with.
  func completePublication(of stored: StoredTask) throws -> TaskEnd? {
    var context = context
    context.folders = try context.folders.withOutbox(at: context.settings.outbox)
    guard let end = try publication(of: stored)?.complete(context) else { return nil }
    context.logger.notice(
      "\(end.receipt.status.rawValue), from where its publication was interrupted",
      metadata: ["task_id": "\(stored.record.taskID)", "name": "\(stored.record.name)"])
    return end
  }

  private func publication(of stored: StoredTask) throws -> Publication? {
    try Publication(
      of: stored, in: context.folders.withOutbox(at: context.settings.outbox).outbox)
  }

  /// The next attempt writes over hidden files that are left, so a failure here is only logged.
  func removeHiddenFiles(of task: TaskID) {
    do throws(FileError) {
      let outbox = try context.folders.withOutbox(at: context.settings.outbox).outbox
      try OutboxFile.removeAll(of: task, from: outbox)
    } catch {
      context.logger.warning(
        "cannot remove what an attempt left in the outbox",
        metadata: ["task_id": "\(task)", "error": "\(error)"])
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
