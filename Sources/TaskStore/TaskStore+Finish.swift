package import TaskModel

extension TaskStore {
  /// Notes under which set of `OutputNames` a running task publishes, before it does, so that a
  /// later attempt knows its own files, where the first choice was taken.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - number: Of the set.
  ///   - resultName: nil for a task that is going to fail.
  ///   - rejectsSHA256: Of the file of rejected records; nil where there is none.
  /// - Throws: `illegalTransition` for a task that is not running.
  package func reserveOutputNumber(
    _ task: TaskID, _ number: UInt32, resultName: FileName?, rejectsSHA256: String?
  ) throws(StoreError) {
    try write("reserve an output name") { transaction in
      try transaction.reserveOutputNumber(
        task, number, resultName: resultName, rejectsSHA256: rejectsSHA256)
    }
  }

  /// Ends a task well: `publishing` -> `done` or `duplicate`, as `finishIngest` said.
  ///
  /// The files are in the outbox, synced, before this is called; from its commit on the rows of a
  /// done task count, and those of a duplicate, which never will, are taken out.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - completion: How it ends.
  ///   - resultName: Of the result that was published.
  ///   - resultBytes: Its size.
  ///   - resultSHA256: Of its bytes, 64 lower-case hexadecimal digits.
  ///   - time: Of the end.
  /// - Returns: nil; or, for the log, what kept rows of a duplicate from being taken out. That is no
  ///   reason to throw: the task has ended, the rows are unseen, and `removeLeftovers` gets them.
  /// - Throws: `illegalTransition` in any other phase, or for the other completion; no trace is left.
  @discardableResult
  package func finish(
    _ task: TaskID, as completion: Completion, resultName: FileName, resultBytes: Int64,
    resultSHA256: String, at time: Timestamp
  ) throws(StoreError) -> StoreError? {
    try write("finish a task") { transaction in
      try transaction.finish(
        task, as: completion, resultName: resultName, resultBytes: resultBytes,
        resultSHA256: resultSHA256, at: time)
    }
    guard completion == .duplicate else { return nil }
    do throws(StoreError) {
      try removeLeftovers(of: task)
      return nil
    } catch {
      return error
    }
  }

  /// Commits that a file is at fault and all that is known of it: `ingesting` -> `publishing`, with an error.
  ///
  /// Called before rejects and receipt get their names, so that a later start finds what was published.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - failure: Becomes `error_code` and `error`.
  ///   - progress: How far the file was read.
  ///   - sha256: Of the bytes that were parsed; nil where not all were read.
  ///   - columns: How they were found; nil where it did not come to that.
  ///   - rejects: Those since the last `appendBatch`.
  ///   - outputNumber: The set of `OutputNames` that the task is going to publish under.
  ///   - rejectsSHA256: Of the file of rejected records; nil where there is none.
  /// - Throws: `illegalTransition` in any other phase.
  package func beginFailing(
    _ task: TaskID, _ failure: FileFailure, progress: IngestProgress, sha256: String?,
    columns: ColumnMapping?, rejects: [RejectedRecord], outputNumber: UInt32,
    rejectsSHA256: String?
  ) throws(StoreError) {
    try write("record what is wrong with a file") { transaction in
      try transaction.beginFailing(
        task, failure, progress: progress, sha256: sha256, columns: columns, rejects: rejects,
        outputNumber: outputNumber, rejectsSHA256: rejectsSHA256)
    }
  }

  /// Ends a task whose file is at fault: `running` -> `failed`.
  ///
  /// Takes out its rows and gives up its content, so that the same bytes may be tried again; the
  /// rejected records stay. The rows of a large task go in several transactions, the status changes
  /// in the last one: a call that throws, or is killed, leaves a running task, to be failed again or
  /// queued again.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - failure: Becomes `error_code` and `error`.
  ///   - progress: How far the file was read.
  ///   - sha256: Of the bytes that were parsed; nil where not all were read.
  ///   - columns: How they were found; nil where it did not come to that.
  ///   - rejects: Those since the last `appendBatch`.
  ///   - time: Of the end.
  /// - Throws: `illegalTransition` for a task that is not running.
  package func fail(
    _ task: TaskID, _ failure: FileFailure, progress: IngestProgress, sha256: String?,
    columns: ColumnMapping?, rejects: [RejectedRecord], at time: Timestamp
  ) throws(StoreError) {
    try writeUntilTrue("record a failure") { transaction in
      try transaction.fail(
        task, failure, progress: progress, sha256: sha256, columns: columns, rejects: rejects,
        at: time)
    }
  }
}
