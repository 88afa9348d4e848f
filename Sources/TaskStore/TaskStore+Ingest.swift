package import TaskModel

extension TaskStore {
  /// Tells readers how far a task in `ingesting` has come, between batches.
  package func progress(_ task: TaskID, _ progress: IngestProgress) throws(StoreError) {
    try write("record progress") { transaction in try transaction.progress(task, progress) }
  }

  /// Commits one batch of a task in `ingesting`: rows (unseen until the task is done), rejected
  /// records (the first 10,000 of the task, 4,096 bytes of each), and the place in the file.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - progress: Where the file stands after this batch, counted from its beginning.
  ///   - rows: Read once a call, and again by a call that repeats a failed one.
  ///   - rejects: Those of this batch.
  /// - Throws: `illegalTransition` in any other phase; `full` and the like leave no trace of the call.
  package func appendBatch(
    _ task: TaskID, progress: IngestProgress, rows: inout some PlayRowSource,
    rejects: [RejectedRecord]
  ) throws(StoreError) {
    // A copy is iterated, so that a transaction that fails leaves the caller's source as it was.
    try write("load a batch") { [rows] transaction in
      var rows = rows
      try transaction.appendBatch(task, progress: progress, rows: &rows, rejects: rejects)
    }
  }

  /// Commits the last batch and all that is known of the file now, and takes the content for the task:
  /// `ingesting` -> `publishing`, or nothing at all where the outcome is `undecided`.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - summary: Of the whole file.
  ///   - rows: Those since the last `appendBatch`; not read where the content is known already.
  ///   - rejects: Those since the last `appendBatch`.
  ///   - policy: For content that counts already.
  ///   - time: Of the event.
  /// - Returns: What `finish` is to be called with, or `undecided`.
  /// - Throws: `illegalTransition` in any other phase; `full` and the like leave no trace of the call.
  package func finishIngest(
    _ task: TaskID, summary: IngestSummary, rows: inout some PlayRowSource,
    rejects: [RejectedRecord], onDuplicate policy: Settings.OnDuplicate, at time: Timestamp
  ) throws(StoreError) -> IngestOutcome {
    try write("finish reading") { [rows] transaction in
      var rows = rows
      return try transaction.finishIngest(
        task, summary: summary, rows: &rows, rejects: rejects, onDuplicate: policy, at: time)
    }
  }
}
