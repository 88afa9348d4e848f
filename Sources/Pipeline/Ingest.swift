import CSV
import Files
import Foundation
import PlayRows
import Synchronization
import Tally
import TaskModel
import TaskStore

/// Reads one claimed file to its end: bytes to rows, rows to sums, sums in sorted runs to the database
/// whenever the budget is used up.
///
/// A small file is read by the caller's thread alone; for a larger one, as many threads as there are
/// cores read, while the caller's loads what they have summed up.
struct Ingest: ~Copyable {
  private let task: TaskRecord
  private let context: PipelineContext
  private let plan: IngestPlan
  private let reading: Reading
  private let header: Header?
  private(set) var runs = 0
  /// How many runs lie in the database alone: those of an attempt before this one.
  private var runsBefore = 0
  private var scratch: ScratchFile?
  private var scratchRuns: [ScratchRun] = []

  /// The sums since the last set that was loaded, once all is read.
  private(set) var lastParts: [SortedTally] = []
  /// True once a set was loaded, by this attempt or an earlier one: the result is then merged from runs.
  private(set) var hasSpilled = false

  /// Rows of one transaction, in bytes: a large file must not keep the database from the others for longer
  /// than a tenth of a second.
  static let batchBytes = 4 << 20
  /// How often the manifest learns how far the reading is; each time costs a synced commit.
  static let progressInterval = Duration.seconds(1)

  /// Opens the file, reads its header, and goes to where an earlier attempt was interrupted.
  ///
  /// - Throws: As `InputFile.init`, and the machine's errors; what is wrong with the contents is in
  ///   `failure`.
  init(_ task: TaskRecord, input: consuming InputFile, context: PipelineContext) throws {
    self.task = task
    self.context = context
    let plan = IngestPlan(
      fileSize: task.sizeBytes.unpacked(as: task.rawName), settings: context.settings,
      limits: context.limits)
    self.plan = plan
    let start = try IngestStart.find(of: task, input, plan: plan, context: context)
    if start.resumes {
      hasSpilled = true
      runs = try context.store.runs(of: task.taskID).last?.number ?? 0
      runsBefore = runs
    }
    header = start.feed.header
    reading = Reading(
      ledger: start.ledger, feed: start.feed, settings: plan.settings, stop: context.stop)
  }

  /// While the result is written it says how far that is.
  var result: ResultWriter?

  var progress: IngestProgress {
    var progress = Self.progress(of: reading)
    progress.groups = result?.groupsWritten
    return progress
  }

  private static func progress(of reading: Reading) -> IngestProgress {
    let bytesRead = reading.feed.withLock { $0.bytesRead }
    return reading.ledger.withLock { ledger in ledger.progress(bytesRead: bytesRead) }
  }

  /// Nil where no header was read.
  var columns: ColumnMapping? { header.map { $0.columns == .byName ? .name : .position } }
  var sha256: String { reading.feed.withLock { $0.sha256 } }
  var wholeSHA256: String? { reading.feed.withLock { $0.wholeSHA256 } }
  var rowsAccepted: Int64 { reading.ledger.withLock { $0.rowsAccepted } }
  /// The exact sum over the accepted rows.
  var playsSum: Int128 { reading.ledger.withLock { $0.playsSum } }

  /// What ends the file, whatever else is in it.
  var failure: FileFailure? { reading.failure }

  func sealRejects() throws -> SealedFile? {
    try reading.ledger.withLock { ledger in try ledger.rejects.seal() }
  }

  func takePendingRejects() -> [RejectedRecord] {
    reading.ledger.withLock { ledger in ledger.rejects.takePending() }
  }

  /// Reads everything.
  ///
  /// - Throws: `ChangedWhileRead`, `StopRequested`, or the machine's errors. What is wrong with the file is
  ///   in `failure`: it is read to its end all the same, for the receipt has the hash of all of it.
  mutating func run() throws {
    if let header {
      let pieces = TallyMemory()
      // The last sums keep what they have; nothing is filled after them.
      defer { pieces.close() }
      let makeReader = plan.readerMaker(
        header, settings: context.settings, seed: context.hashSeed, pieces: pieces)
      if plan.members == 1 { try readAlone(makeReader()) } else { try readTogether(makeReader) }
    }
    try reading.feed.withLock { feed in
      try feed.finish()
      try feed.checkUnchanged()
    }
  }

  private mutating func readAlone(_ reader: consuming PieceReader) throws {
    while true {
      // A piece first, for where the budget is less than an empty tally takes, that is full as well.
      while try reader.readPiece(of: reading), !reader.isFull {}
      let set = RunSet(
        parts: [reader.takeSorted()], isLast: reading.isOver, end: reading.place())
      if set.isLast {
        lastParts = set.parts
        return
      }
      if failure == nil { try spill(set) }
    }
  }

  private mutating func readTogether(
    _ makeReader: @escaping @Sendable () -> PieceReader
  ) throws {
    try reading.start(members: plan.members, makeReader: makeReader)
    let (reading, store, task) = (reading, context.store, task)
    lastParts = try reading.lastParts(patience: Self.progressInterval) {
      try store.progress(task.taskID, Self.progress(of: reading))
    } keep: { set in
      try spill(set)
    }
  }

  /// Loads a set, and records that the file is in the database up to where the set ends.
  private mutating func spill(_ set: RunSet) throws {
    if scratch == nil { scratch = try ScratchFile(of: task.taskID, in: context.folders.work) }
    try load(set.parts)
    hasSpilled = true
    try context.store.setResumePoint(task.taskID, set.end)
  }

  /// All that is to be merged into the result.
  func allRuns() throws -> [any SortedRun] {
    var all: [any SortedRun] = lastParts.map { $0.makeRun() }
    all += scratchRuns as [any SortedRun]
    if runsBefore > 0 {
      all += try context.store.runs(of: task.taskID).filter { $0.number <= runsBefore }
    }
    return all
  }

  /// Writes sorted sums into the database, each as a run of its own, and those that are not the last
  /// also to where the merge will read them.
  mutating func load(_ parts: [SortedTally]) throws {
    let gatherer = Gatherer(
      owner: try rowOwner(), parts: parts.filter { !$0.isEmpty }, firstRun: runs + 1,
      scratch: lastParts.isEmpty ? scratch : nil)
    runs += gatherer.parts.count
    let channel = BlockChannel(blocks: 3, limit: Self.batchBytes)
    // Collecting the rows of sorted sums jumps through memory, and SQLite is slow enough without it.
    let work = try BackgroundWork(named: "gather") {
      defer { channel.close() }
      return try gatherer.gather(into: channel)
    }
    do {
      while let box = channel.takeFull() {
        try append(box)
        channel.giveBack(box)
      }
    } catch {
      channel.abandon()
      _ = work.join()
      throw error
    }
    let gathered = try work.join().get()
    if let written = gathered.scratch { scratch = written }
    scratchRuns += gathered.runs
  }

  /// Tells the manifest how far it is, where that does not go along with a batch.
  func tellProgress() throws { try context.store.progress(task.taskID, progress) }

  func rowOwner() throws -> RowOwner { try context.store.rowOwner(of: task.taskID) }

  /// Begins another run.
  mutating func beginRun() { runs += 1 }

  /// Commits one batch of rows.
  func append(_ box: BlockBox) throws {
    try context.stop.check()
    try context.space.check()
    try context.store.appendBatch(
      task.taskID, run: box.run, progress: progress, rows: box.block, image: box.image,
      rejects: takePendingRejects())
  }
}

/// Collects the rows of sorted sums, block by block.
private struct Gatherer: Sendable {
  struct Gathered: Sendable {
    var scratch: ScratchFile?
    var runs: [ScratchRun] = []
  }

  let owner: RowOwner
  let parts: [SortedTally]
  let firstRun: Int
  /// Where each block is kept for the merge, too.
  let scratch: ScratchFile?

  func gather(into channel: BlockChannel) throws -> Gathered {
    var gathered = Gathered(scratch: scratch)
    var encoder = RowEncoder()
    for (index, part) in parts.enumerated() {
      var run = part.makeRun()
      let start = gathered.scratch?.size ?? 0
      while let box = channel.takeEmpty() {
        run.fill(&box.block)
        if box.block.isEmpty {
          channel.giveBack(box)
          break
        }
        box.run = firstRun + index
        try gathered.scratch?.append(box.block, by: &encoder)
        box.image = RowImage(of: box.block, owner: owner)
        channel.put(box)
      }
      if let written = gathered.scratch { gathered.runs.append(written.run(from: start)) }
    }
    return gathered
  }
}
