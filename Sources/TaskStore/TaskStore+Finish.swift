package import TaskModel

extension TaskStore {
  /// Notes under which set of `OutputNames` a running task publishes, before it does, so that a
  /// later attempt knows its own files: for a failing task, or where the first choice was taken.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - number: Of the set.
  ///   - resultName: nil for a task that is going to fail.
  /// - Throws: `illegalTransition` for a task that is not running.
  package func reserveOutputNumber(
    _ task: TaskID, _ number: UInt32, resultName: FileName?
  ) throws(StoreError) {
    try write("reserve an output name") { transaction in
      try transaction.reserveOutputNumber(task, number, resultName: resultName)
    }
  }

  /// Ends a task well: `publishing` -> `done` or `duplicate`, as `finishIngest` said.
  ///
  /// The files are in the outbox, synced, before this is called; from its commit on the rows count.
  package func finish(
    _ task: TaskID, as completion: Completion, resultName: FileName, resultBytes: Int64,
    resultSHA256: String, at time: Timestamp
  ) throws(StoreError) {
    try write("finish a task") { transaction in
      try transaction.finish(
        task, as: completion, resultName: resultName, resultBytes: resultBytes,
        resultSHA256: resultSHA256, at: time)
    }
  }

  /// Ends a task whose file is at fault: `running` -> `failed`.
  ///
  /// Takes out its rows and gives up its content, so that the same bytes may be tried again; the
  /// rejected records stay.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - failure: Becomes `error_code` and `error`.
  ///   - progress: How far the file was read.
  ///   - rejects: Those since the last `appendBatch`.
  ///   - time: Of the end.
  /// - Throws: `illegalTransition` for a task that is not running.
  package func fail(
    _ task: TaskID, _ failure: FileFailure, progress: IngestProgress, rejects: [RejectedRecord],
    at time: Timestamp
  ) throws(StoreError) {
    try write("record a failure") { transaction in
      try transaction.fail(task, failure, progress: progress, rejects: rejects, at: time)
    }
  }
}
