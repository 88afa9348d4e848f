import Files
import Logging
package import TaskModel
import TaskStore

// What a person can have done with a task. Each is safe to be killed in: the manifest changes in one commit, and
// what comes before or after it start-up knows (`LifeStep`, `TaskStore.removeLeftovers`).

extension Pipeline {
  /// Takes a task back that waits or runs; returns once nothing of it is to be seen.
  ///
  /// - Throws: `CommandError` where it has ended, or what the machine says.
  package func cancel(_ task: TaskID) throws {
    let record = try reserved(task, stops: true) { record in
      guard !record.status.isFinal else { throw CommandError.ended(record, "cancelled") }
      try context.store.cancel(task, at: .now())
      return record
    }
    removeHiddenFiles(of: task)
    try context.store.removeLeftovers(of: task)
    archive(record)
    context.logger.notice("cancelled", metadata: ["task_id": "\(task)"])
  }

  /// Takes the rows of a task out of the totals, and of no other; its files in the outbox and the archive stay.
  ///
  /// - Throws: `CommandError` where nothing of it counts, or what the machine says.
  package func forget(_ task: TaskID) throws {
    try reserved(task, stops: false) { record in
      guard record.status == .done || record.status == .duplicate else {
        throw CommandError.nothingCounts(record)
      }
      try context.store.forget(task, at: .now())
    }
    try context.store.removeLeftovers(of: task)
    context.logger.notice("forgotten", metadata: ["task_id": "\(task)"])
  }

  /// Has a failed or cancelled task done once more, with its id.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - replacement: The path of a corrected file, which takes the place of the original; nil for the original.
  /// - Throws: `CommandError` where it did not fail, or its file is gone; or what the machine says.
  package func retry(_ task: TaskID, replacement: String?) throws {
    let size = try reserved(task, stops: false) { record in
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
    _ task: TaskID, stops: Bool, _ body: (TaskRecord) throws -> Result
  ) throws -> Result {
    try running.reserve(task, stops: stops) {
      guard let stored = try context.store.task(task) else { throw StoreError.unknownTask(task) }
      return try body(stored.record)
    }
  }
}

/// Why a command cannot be done: nothing was changed.
package enum CommandError: Error, CustomStringConvertible {
  case ended(TaskRecord, String)
  case nothingCounts(TaskRecord)
  case notEnded(TaskRecord)
  case fileGone(TaskRecord)

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
    case .fileGone(let task):
      "the file of \(name(task)) is no longer in the archive; give it with --file"
    }
  }

  private func name(_ task: TaskRecord) -> String { task.name.escapedForTerminal }
}
