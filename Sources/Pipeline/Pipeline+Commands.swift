import Files
import Logging
package import TaskModel
import TaskStore

// What a person can have done with a task. Each is safe to be killed in: the manifest changes in one commit, and
// what comes before or after it start-up knows (`LifeStep`, `TaskStore.removeLeftovers`).

extension Pipeline {
  /// Takes a task back that waits or runs; returns once nothing of it is to be seen.
  ///
  /// Its file is kept in the archive. Its rows are still to be taken out (`removeLeftovers`).
  ///
  /// - Throws: `CommandError` where it has ended, or what the machine says.
  package func cancel(_ task: TaskID) throws {
    try reserved(task, stops: true) { stored in
      let record = stored.record
      guard !record.status.isFinal else { throw CommandError.ended(record, "cancelled") }
      // Before the manifest says so: killed in between, the task is done, and publishes them again.
      try EarlierOutput(of: stored, rejects: nil, result: nil)?.withdraw(
        from: try context.folders.withOutbox(at: context.settings.outbox).outbox)
      try context.store.cancel(task, at: .now())
      removeHiddenFiles(of: task)
      try context.folders.archive(record, policy: .keep)
    }
    leaveRows(of: task)
    context.logger.notice("cancelled", metadata: ["task_id": "\(task)"])
  }

  /// Takes the rows of a task out of the totals, and of no other; its files in the outbox and the archive stay.
  ///
  /// The rows themselves are still to be taken out (`removeLeftovers`).
  ///
  /// - Throws: `CommandError` where nothing of it counts, or what the machine says.
  package func forget(_ task: TaskID) throws {
    try reserved(task, stops: false) { stored in
      let record = stored.record
      guard record.status == .done || record.status == .duplicate else {
        throw CommandError.nothingCounts(record)
      }
      try context.store.forget(task, at: .now())
    }
    leaveRows(of: task)
    context.logger.notice("forgotten", metadata: ["task_id": "\(task)"])
  }

  /// Has a failed or cancelled task done once more, with its id.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - replacement: The path of a corrected file, which takes the place of the original; nil for the original.
  /// - Throws: `CommandError` where it did not fail, or its file is gone; or what the machine says.
  package func retry(_ task: TaskID, replacement: [UInt8]?) throws {
    let size = try reserved(task, stops: false) { stored in
      let record = stored.record
      guard record.status == .failed || record.status == .cancelled else {
        throw CommandError.notEnded(record)
      }
      let size = try context.folders.restore(record, replacement: replacement)
      try context.store.requeue(
        task, toResume: false, sizeBytes: size,
        reason: replacement == nil ? "a person asked for it" : "a person sent a corrected file",
        at: .now())
      return (size, record.rawName)
    }
    context.queue.add([
      WorkQueue.Entry(taskID: task, size: size.0.unpacked(as: size.1))
    ])
    context.logger.notice("tried again", metadata: ["task_id": "\(task)"])
  }

  private func reserved<Result>(
    _ task: TaskID, stops: Bool, _ body: (StoredTask) throws -> Result
  ) throws -> Result {
    try running.reserve(try stored(task).record, stops: stops) { try body(try stored(task)) }
  }

  private func stored(_ task: TaskID) throws -> StoredTask {
    guard let stored = try context.store.task(task) else { throw StoreError.unknownTask(task) }
    return stored
  }
}

/// Why a command cannot be done.
package enum CommandError: Error, CustomStringConvertible {
  case ended(TaskRecord, String)
  case nothingCounts(TaskRecord)
  case notEnded(TaskRecord)
  case fileGone(TaskRecord)
  case busy(TaskRecord)

  package var description: String {
    switch self {
    case .ended(let task, let wanted):
      "\(name(task)) cannot be \(wanted): it is \(task.status.rawValue) already"
        + (task.status == .done ? "; watchctl forget takes its rows out of the totals" : "")
    case .nothingCounts(let task):
      "nothing of \(name(task)) counts: it is \(task.status.rawValue)"
        + (task.status.isFinal ? "" : "; watchctl cancel takes it back")
    case .notEnded(let task):
      "\(name(task)) is \(task.status.rawValue): only a failed or cancelled task is tried again"
        + (task.status == .done ? "; forget it first, or drop the file again" : "")
    case .busy(let task):
      "\(name(task)) is being worked on and does not end; see watchctl status, and try again"
    case .fileGone(let task):
      "the file of \(name(task)) is no longer in the archive; give it with --file"
    }
  }

  private func name(_ task: TaskRecord) -> String { task.name.escapedForTerminal }
}
