import Files
package import Pipeline
package import TaskModel
package import TaskStore

// What can be commanded. Only who has the state's lock can do it: the daemon, at the wish of whoever reaches one of its
// doors, or watchctl where no daemon runs.

/// The operations that change a task.
package struct Commands: Sendable {
  /// Of the daemon's socket, in the state directory.
  package static let socketName: FileName = {
    guard let name = FileName("watchd.sock") else { preconditionFailure("a constant, and a name") }
    return name
  }()

  private let questions: Operations
  private let pipeline: Pipeline
  private let store: TaskStore

  package init(_ pipeline: Pipeline, _ store: TaskStore) {
    questions = Operations(store)
    self.pipeline = pipeline
    self.store = store
  }

  /// Takes a task back that waits or runs.
  ///
  /// - Parameter text: As for `Operations.task`.
  /// - Returns: The task as it is afterwards.
  /// - Throws: `OperationError` where there is no such task or that cannot be; what the machine says.
  package func cancel(matching text: String) throws -> TaskDetail {
    try change(text) { try pipeline.cancel($0) }
  }

  /// Takes exactly that task's rows out of the totals.
  package func forget(matching text: String) throws -> TaskDetail {
    try change(text) { try pipeline.forget($0) }
  }

  /// Has a failed or cancelled task done again.
  ///
  /// - Parameters:
  ///   - text: As for `Operations.task`.
  ///   - file: The path of a corrected file, in bytes; nil for the original.
  /// - Returns: The task as it is afterwards.
  /// - Throws: As `cancel`.
  package func retry(matching text: String, file: [UInt8]?) throws -> TaskDetail {
    try change(text) { try pipeline.retry($0, replacement: file) }
  }

  /// Removes what belongs to tasks that ended longer ago than that.
  ///
  /// - Parameters:
  ///   - age: A time such as `30d`; nil for the setting `retention`.
  ///   - isDryRun: Only looks.
  /// - Returns: What was removed, or would be.
  /// - Throws: `OperationError.refused` where that is no time; what the machine says.
  package func prune(olderThan age: String?, isDryRun: Bool) throws -> PruneReport {
    try pipeline.prune(endedBefore: .now() - retention(age), isDryRun: isDryRun)
  }

  private func retention(_ age: String?) throws -> Duration {
    guard let age else {
      guard let retention = pipeline.retention else {
        throw OperationError.refused(
          "the retention of this daemon is off; say what is to go, as in --older-than 30d")
      }
      return retention
    }
    guard let duration = Duration(setting: age) else {
      throw OperationError.refused(
        "\"\(age.escapedForTerminal)\" is no age; give a time such as 12h or 30d")
    }
    return duration
  }

  /// Runs a command on a thread of its own: it may take minutes, and the threads that answer questions are few.
  package static func onItsThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await onThread(named: "command", body)
  }

  private func change(_ text: String, _ body: (TaskID) throws -> Void) throws -> TaskDetail {
    let task = try questions.task(matching: text).record.taskID
    do {
      try body(task)
    } catch let error as CommandError {
      throw OperationError.refused("\(error)")
    }
    return try questions.task(matching: "\(task)")
  }
}
