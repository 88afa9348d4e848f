import Files
import Logging
import TaskModel
import TaskStore

/// The life of one file, from the queue to the archive.
///
/// The order is the promise. Everything that leaves the daemon is prepared, whole and synced, under hidden
/// names before the manifest says `publishing`; it gets its names before the manifest says `done`; and
/// only then does the original leave the work folder. Killed anywhere in between, the task starts again
/// from its file, or, from `publishing` on, goes on with what is not published yet (`Publication`).
struct TaskRun: ~Copyable {
  private var stored: StoredTask
  private let context: PipelineContext
  private let logger: Logger
  private let began = ContinuousClock.now
  private var isStarted = false

  private var task: TaskRecord { stored.record }

  init(_ stored: StoredTask, context: PipelineContext) {
    self.stored = stored
    self.context = context
    var logger = context.logger
    logger[metadataKey: "task_id"] = "\(stored.record.taskID)"
    logger[metadataKey: "name"] = "\(stored.record.name)"
    self.logger = logger
  }

  /// Takes the task to a final status, and returns how it ended.
  ///
  /// - Throws: `StillWritten`, before anything was changed; `StopRequested`, `ChangedWhileRead` or the
  ///   machine's errors, after which the task must be queued again.
  mutating func run() throws -> TaskEnd {
    do {
      let input = try InputFile(of: task, in: context.folders.work)
      try start()
      var ingest = try Ingest(task, input: input, context: context)
      try ingest.run()
      if let failure = ingest.failure { return try fail(failure, &ingest) }
      return try succeed(&ingest)
    } catch let failure as FileFailure where !isStarted {
      return try failUnread(failure)
    }
  }

  private mutating func start() throws {
    let now = Timestamp.now()
    try context.store.start(task.taskID, at: now)
    stored.record.startedAt = now
    isStarted = true
  }

  private mutating func succeed(_ ingest: inout Ingest) throws -> TaskEnd {
    let rejects = try ingest.sealRejects()
    do {
      return try finish(
        try Totals.write(of: task, &ingest, context: context), rejects: rejects, &ingest)
    } catch let failure as FileFailure {
      // The sums do not fit, or contradict what was read: nothing was committed or has a name.
      return try fail(failure, &ingest)
    }
  }

  /// Commits, publishes, and commits that it is done.
  private mutating func finish(
    _ totals: consuming Totals, rejects: SealedFile?, _ ingest: inout Ingest
  ) throws -> TaskEnd {
    if let failure = totals.contradiction(to: ingest) { throw failure }
    var publisher = try Publisher(
      stored, rejects: rejects, result: totals.file, context: context)
    let summary = IngestSummary(
      progress: ingest.progress, sha256: ingest.sha256, groups: totals.groups,
      playsSum: totals.playsSum, columns: ingest.columns ?? .position,
      outputNumber: publisher.number, resultName: publisher.names.result,
      resultBytes: totals.file.bytes, resultSHA256: totals.file.sha256,
      rejectsSHA256: rejects?.sha256)
    try publisher.prepare()
    let original = try commit(summary, totals, &ingest)
    let completion: Completion = original == nil ? .done : .duplicate
    let finished = Timestamp.now()
    var receipt = Receipt(of: task, status: completion.status)
    receipt.fill(from: summary, finished: finished)
    receipt.playsIn = ingest.playsSum
    receipt.duplicateOf = original
    receipt = try publisher.publish(receipt)
    let leftover = try context.store.finish(
      task.taskID, as: completion, resultName: publisher.names.result,
      resultBytes: totals.file.bytes, resultSHA256: totals.file.sha256, at: finished)
    if let leftover {
      logger.warning(
        "rows of a duplicate are left; they do not count, and the next start removes them",
        metadata: ["error": "\(leftover)"])
    }
    logger.info(
      "\(completion.rawValue)",
      metadata: [
        "result": "\(publisher.names.result.text)", "rows": "\(summary.progress.rowsRead)",
        "rejected": "\(summary.progress.rowsRejected)", "groups": "\(summary.groups)",
        "milliseconds": "\(Int((ContinuousClock.now - began) / .milliseconds(1)))",
      ])
    return TaskEnd(receipt: receipt, bytesRead: summary.progress.bytesRead)
  }

  /// Tenths of a second, at most.
  private static let mostWaits = 50

  /// Writes the last rows and takes the fingerprint, in one transaction.
  ///
  /// - Returns: The task that has the same bytes, if one has.
  private func commit(
    _ summary: IngestSummary, _ totals: borrowing Totals, _ ingest: inout Ingest
  ) throws -> TaskID? {
    let rejects = ingest.takePendingRejects()
    let policy = context.settings.onDuplicate
    var rows = totals.lastRows
    var waits = 0
    while true {
      // The last moment at which it can be given up and leave nothing; the syncs before it may have taken long.
      try context.stop.check()
      let outcome = try context.store.finishIngest(
        task.taskID, summary: summary, rows: rows, of: totals.lastBlock, rejects: rejects,
        onDuplicate: policy, at: .now())
      switch outcome {
      case .loaded: return nil
      case .duplicate(let original): return original
      case .needsRows:
        // The task that had the same bytes gave them up a moment ago.
        try ingest.load(ingest.lastParts)
        rows = .none
      case .undecided:
        // Another worker is publishing the same bytes and ends soon; or that task waits for a worker, perhaps this one.
        guard waits < Self.mostWaits else { throw SameBytesPublishing() }
        waits += 1
        context.queue.awaitChange(atMost: .milliseconds(100))
      }
    }
  }

  private mutating func fail(_ failure: FileFailure, _ ingest: inout Ingest) throws -> TaskEnd {
    try OutboxFile.remove(.result, of: task.taskID, from: context.folders.outbox)
    ingest.result = nil
    // Also where something else ends the file: whoever corrects it wants to know all that is wrong.
    let rejects = try ingest.sealRejects()
    var receipt = Receipt(of: task, status: .failed)
    receipt.bytes = ingest.progress.bytesRead
    receipt.sha256 = ingest.wholeSHA256
    receipt.columns = ingest.columns?.rawValue
    receipt.rowsRead = ingest.progress.rowsRead
    receipt.rowsRejected = ingest.progress.rowsRejected
    return try end(
      failure, receipt, progress: ingest.progress, columns: ingest.columns, rejects: rejects,
      pending: ingest.takePendingRejects())
  }

  /// Ends a task whose file cannot even be opened as it was claimed.
  private mutating func failUnread(_ failure: FileFailure) throws -> TaskEnd {
    try start()
    return try end(
      failure, Receipt(of: task, status: .failed),
      progress: IngestProgress(bytesRead: 0, rowsRead: 0, rowsRejected: 0), columns: nil,
      rejects: nil, pending: [])
  }

  /// Commits that the file is at fault, publishes rejects and receipt, and commits that it failed.
  private func end(
    _ failure: FileFailure, _ receipt: Receipt, progress: IngestProgress, columns: ColumnMapping?,
    rejects: SealedFile?, pending: [RejectedRecord]
  ) throws -> TaskEnd {
    var publisher = try Publisher(stored, rejects: rejects, result: nil, context: context)
    try publisher.prepare()
    let finished = Timestamp.now()
    try context.store.beginFailing(
      task.taskID, failure, progress: progress, sha256: receipt.sha256, columns: columns,
      rejects: pending, outputNumber: publisher.number, rejectsSHA256: rejects?.sha256)
    var receipt = receipt
    receipt.errorCode = failure.code
    receipt.error = failure.sentence
    receipt.finishedAt = finished
    receipt = try publisher.publish(receipt)
    try context.store.fail(
      task.taskID, failure, progress: progress, sha256: receipt.sha256, columns: columns,
      rejects: [], at: finished)
    logger.warning(
      "failed",
      metadata: ["error_code": "\(failure.code.rawValue)", "error": "\(failure.sentence)"])
    return TaskEnd(receipt: receipt, bytesRead: progress.bytesRead)
  }
}

/// How a task ended.
struct TaskEnd {
  /// As it lies in the outbox.
  let receipt: Receipt
  /// Of its file.
  let bytesRead: Int64
}

extension Receipt {
  fileprivate mutating func fill(from summary: IngestSummary, finished: Timestamp) {
    bytes = summary.progress.bytesRead
    sha256 = summary.sha256
    columns = summary.columns.rawValue
    rowsRead = summary.progress.rowsRead
    rowsRejected = summary.progress.rowsRejected
    groups = summary.groups
    playsOut = summary.playsSum
    finishedAt = finished
  }
}

/// The machine is busy with another file of the same bytes: this one is tried again, and gives its worker free meanwhile.
private struct SameBytesPublishing: Error, CustomStringConvertible {
  var description: String {
    "another file with the same bytes is being published; this one waits for it"
  }
}
