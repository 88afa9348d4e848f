import GRDB
package import PlayRows
package import TaskModel

extension TaskStore {
  /// Tells readers how far a task in `ingesting` has come, between batches.
  package func progress(_ task: TaskID, _ progress: IngestProgress) throws(StoreError) {
    try write("record progress") { transaction in try transaction.progress(task, progress) }
  }

  /// Commits one batch of a task in `ingesting`: rows (unseen until the task is done), and rejected
  /// records (the first 10,000 of the task, 4,096 bytes of each).
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - run: Which sorted run of the task these rows go on with, or begin.
  ///   - progress: How far the file is read by now, for whoever asks.
  ///   - rows: The rows, in their order.
  ///   - image: The same, laid out; else that is done within the transaction.
  ///   - rejects: Those since the last batch.
  /// - Throws: `illegalTransition` in any other phase; `full` and the like leave no trace of the call.
  package func appendBatch(
    _ task: TaskID, run: Int, progress: IngestProgress, rows: borrowing RowBlock,
    image: RowImage? = nil, rejects: [RejectedRecord]
  ) throws(StoreError) {
    try write("load a batch") { transaction in
      try transaction.appendBatch(
        task, run: run, progress: progress, rows: rows, image: image, rejects: rejects)
    }
  }

  /// Whose rows images of a task's are.
  ///
  /// - Throws: `unknownTask` where there is no such task.
  package func rowOwner(of task: TaskID) throws(StoreError) -> RowOwner {
    let stored = try read("look up a task") { queries in try queries.task(task) }
    guard let stored else { throw StoreError.unknownTask(task) }
    return RowOwner(task: stored.id)
  }

  /// Commits that the batches so far hold all rows before a place in the file, and none behind it.
  package func setResumePoint(_ task: TaskID, _ point: ResumePoint) throws(StoreError) {
    try write("record a place to resume at") { transaction in
      try transaction.setResumePoint(task, point)
    }
  }

  /// Commits the last batch and all that is known of the file now, and takes the content for the task:
  /// `ingesting` -> `publishing`, or nothing at all where the outcome is `undecided` or `needsRows`.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - summary: Of the whole file.
  ///   - rows: What there is to say of the rows since the last `appendBatch`.
  ///   - block: Those rows, where `rows` says that they are here.
  ///   - rejects: Those since the last `appendBatch`.
  ///   - policy: For content that counts already.
  ///   - time: Of the event.
  /// - Returns: What `finish` is to be called with, or what is to be done first.
  /// - Throws: `illegalTransition` in any other phase; `full` and the like leave no trace of the call.
  package func finishIngest(
    _ task: TaskID, summary: IngestSummary, rows: LastRows, of block: borrowing RowBlock,
    rejects: [RejectedRecord], onDuplicate policy: Settings.OnDuplicate, at time: Timestamp
  ) throws(StoreError) -> IngestOutcome {
    try write("finish reading") { transaction in
      try transaction.finishIngest(
        task, summary: summary, rows: rows, of: block, rejects: rejects, onDuplicate: policy,
        at: time)
    }
  }

  /// Whether a done task has this content, so that rows of another one need not be loaded.
  ///
  /// True only where `finishIngest` would say `duplicate` now; that has the last word.
  package func isCounted(
    sha256: String, onDuplicate policy: Settings.OnDuplicate
  ) throws(StoreError) -> Bool {
    if policy == .load { return false }
    return try read("look up a fingerprint") { queries in
      try Bool.fetchOne(
        queries.database,
        sql: """
          SELECT count(*) > 0 FROM fingerprints JOIN manifest ON manifest.id = fingerprints.task
          WHERE fingerprints.sha256 = ? AND manifest.status = 'done'
          """, arguments: [sha256]) ?? false
    }
  }
}
