import CSV
import Files
import TaskModel
import TaskStore

/// Where the reading of a file begins: behind its header, or where an earlier attempt was interrupted.
struct IngestStart: ~Copyable {
  let feed: RecordFeed
  let ledger: Ledger
  /// True where all rows before the place are in the database already.
  let resumes: Bool

  /// Opens a feed, and finds and reads up to the place.
  ///
  /// - Throws: As `InputFile.init`, and the machine's errors; what is wrong with the contents is in the feed's
  ///   `failure`.
  static func find(
    of task: TaskRecord, _ input: consuming InputFile, plan: IngestPlan, context: PipelineContext
  ) throws -> IngestStart {
    let point = task.attempts > 0 ? try context.store.resumePoint(of: task.taskID) : nil
    guard let point else { return try beginning(of: task, input, plan, context) }
    if point.settings == plan.settings,
      let start = try resuming(at: point, of: task, input, plan, context)
    {
      return start
    }
    try context.store.dropResumePoint(task.taskID) { context.stop.pulse.step() }
    // It may have listed rejects.
    try OutboxFile.removeAll(of: task.taskID, from: context.folders.outbox)
    // The first feed may have read some of the file to find out.
    return try beginning(
      of: task, InputFile(of: task, in: context.folders.work), plan, context)
  }

  private static func beginning(
    of task: TaskRecord, _ input: consuming InputFile, _ plan: IngestPlan,
    _ context: PipelineContext
  ) throws -> IngestStart {
    var feed = makeFeed(input, plan, context)
    try feed.begin()
    let ledger = Ledger(firstLine: feed.firstLine, rejects: makeRejects(of: task, context))
    return IngestStart(feed: feed, ledger: ledger, resumes: false)
  }

  /// Nil where the file is not what the earlier attempt read.
  ///
  /// Where nothing was rejected the bytes are hashed and no more. Else they are parsed again, for the rejected
  /// records: a list of them that may be half-written is not kept. Pieces are cut at the same places by every attempt
  /// (same file, same size of pieces), so that one of them ends where that attempt stood; where none does, the file is
  /// read anew.
  private static func resuming(
    at point: ResumePoint, of task: TaskRecord, _ input: consuming InputFile, _ plan: IngestPlan,
    _ context: PipelineContext
  ) throws -> IngestStart? {
    var feed = makeFeed(input, plan, context)
    // A large file takes its time, in which nobody should think that nothing happens.
    var told = ContinuousClock.now
    func tell(_ progress: IngestProgress) throws {
      guard told.duration(to: .now) >= Ingest.progressInterval else { return }
      try context.store.progress(task.taskID, progress)
      told = .now
    }
    if point.rowsRejected == 0 {
      guard try feed.resume(at: point, tell: tell) else { return nil }
      let ledger = Ledger(resumingAt: point, rejects: makeRejects(of: task, context))
      try context.store.progress(task.taskID, ledger.progress(bytesRead: feed.bytesRead))
      return IngestStart(feed: feed, ledger: ledger, resumes: true)
    }
    try feed.begin()
    guard let header = feed.header else { return nil }
    var ledger = Ledger(firstLine: feed.firstLine, rejects: makeRejects(of: task, context))
    var reader = plan.readerMaker(header, settings: context.settings, seed: context.hashSeed)()
    while feed.offset < point.offset {
      try context.stop.check()
      guard let report = try reader.skimPiece(of: &feed) else { return nil }
      try ledger.take(report)
      try tell(ledger.progress(bytesRead: feed.bytesRead))
    }
    guard
      feed.offset == point.offset, feed.sha256 == point.hashedSHA256, ledger.resume(at: point)
    else { return nil }
    return IngestStart(feed: feed, ledger: ledger, resumes: true)
  }

  private static func makeFeed(
    _ input: consuming InputFile, _ plan: IngestPlan, _ context: PipelineContext
  ) -> RecordFeed {
    RecordFeed(
      input, options: CSVOptions(context.settings), pieceSize: plan.pieceSize, stop: context.stop)
  }

  private static func makeRejects(
    of task: TaskRecord, _ context: PipelineContext
  ) -> RejectsFile {
    RejectsFile(
      of: task.taskID, in: context.folders.outbox, settings: context.settings,
      space: context.space)
  }
}
