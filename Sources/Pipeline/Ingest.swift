import CSV
import Files
import Tally
import TaskModel
import TaskStore

/// Reads one claimed file to its end: bytes to rows, rows to sums, sums in sorted runs to the database
/// whenever the budget is used up.
struct Ingest: ~Copyable {
  private let task: TaskRecord
  private let context: PipelineContext
  private var input: InputFile
  private var reader: PlaysReader
  private var batch = RowBatch(capacity: 4096)
  private var found: [Reject] = []
  private var lastProgress = ContinuousClock.now

  var rejects: RejectsFile
  private(set) var tally: Tally
  /// True once a run was written: the result then comes from the database.
  private(set) var hasSpilled = false
  /// How many rows were added up; the reader's own count is held against it.
  private(set) var rowsAccepted: Int64 = 0
  private var isDamaged = false
  /// What ends the file, whatever else is in it.
  private(set) var failure: FileFailure?

  /// Bytes asked of the kernel at a time: large enough that the system call costs nothing, small
  /// enough that what was read is still in the second-level cache when it is parsed.
  private static let chunk = 256 << 10
  /// What a worker has at least, however many share the budget: an empty table takes a part of it.
  private static let leastMemory = 64 << 10
  /// How often the manifest learns how far the reading is; each time costs a synced commit.
  private static let progressInterval = Duration.seconds(1)

  init(_ task: TaskRecord, input: consuming InputFile, context: PipelineContext) {
    let settings = context.settings
    self.task = task
    self.context = context
    self.input = input
    reader = PlaysReader(
      options: CSVOptions(
        maxRecord: settings.maxRecord, dates: settings.dates == .any ? .any : .calendar))
    rejects = RejectsFile(of: task.taskID, in: context.folders.outbox, settings: settings)
    tally = Tally(
      keep: settings.keep == .totals ? .totals : .rows,
      memory: max(Self.leastMemory, context.memory), seed: context.hashSeed)
  }

  var progress: IngestProgress {
    IngestProgress(
      bytesRead: input.bytesRead, rowsRead: Int64(reader.rowsRead),
      rowsRejected: Int64(reader.rowsRejected))
  }

  /// Nil where no header was read.
  var columns: ColumnMapping? {
    reader.header.map { $0.columns == .byName ? .name : .position }
  }
  var sha256: String { input.sha256 }
  /// Nil where a packed file could not be unpacked to its end: the hash of a part says nothing.
  var wholeSHA256: String? { isDamaged ? nil : input.sha256 }

  /// Reads everything.
  ///
  /// - Throws: `ChangedWhileRead`, `StopRequested`, or the machine's errors. What is wrong with the file is
  ///   in `failure`: it is read to its end all the same, for the receipt has the hash of all of it.
  mutating func run() throws {
    var buffer = InputBuffer(capacity: 2 * Self.chunk)
    var isFinal = false
    while !isFinal {
      try context.stop.check()
      do {
        let count = try unsafe input.read(into: buffer.makeRoom(least: Self.chunk))
        isFinal = count == 0
        buffer.fill(count)
      } catch let damage as FileFailure {
        failure = failure ?? damage
        isDamaged = true
        isFinal = true
        try input.skipRest()
      }
      if failure == nil {
        try parse(&buffer, isFinal: isFinal)
        try reportProgress()
      } else {
        unsafe buffer.consume(buffer.unparsed.count)
      }
    }
    try input.checkUnchanged()
    if failure == nil, rejects.exceedsAllowed { failure = tooManyRejects }
  }

  private mutating func parse(_ buffer: inout InputBuffer, isFinal: Bool) throws {
    while true {
      let unparsed = unsafe buffer.unparsed
      // The buffer outlives the call, and nobody else reaches it meanwhile.
      var bytes = unsafe MutableSpan<UInt8>(
        _unsafeElements: unparsed.assumingMemoryBound(to: UInt8.self))
      let stop: PlaysReader.Stop
      var consumed = 0
      do throws(CSVFailure) {
        let progress = try reader.read(&bytes, isFinal: isFinal, into: &batch, rejects: &found)
        (stop, consumed) = (progress.stop, progress.consumed)
      } catch {
        failure = FileFailure(error)
        stop = .finished
      }
      unsafe tally.add(batch, in: UnsafeRawBufferPointer(unparsed))
      rowsAccepted += Int64(batch.count)
      try rejects.append(found)
      found.removeAll(keepingCapacity: true)
      buffer.consume(consumed)
      if tally.isFull { try spill() }
      if stop != .needsRoom { return }
    }
  }

  /// Writes the groups as one sorted run, in one transaction, and empties the tally.
  mutating func spill() throws {
    hasSpilled = true
    let pending = rejects.takePending()
    let progress = progress
    try TallyRows.with(tally, sorted: tally.sorted()) { rows throws(StoreError) in
      try context.store.appendBatch(
        task.taskID, progress: progress, rows: &rows, rejects: pending)
    }
    tally.removeAll()
  }

  private mutating func reportProgress() throws {
    let now = ContinuousClock.now
    guard now - lastProgress >= Self.progressInterval else { return }
    lastProgress = now
    try context.store.progress(task.taskID, progress)
  }

  private var tooManyRejects: FileFailure {
    let allowed = context.settings.maxRejects ?? 0
    let first = rejects.first.map { reject in
      " The first: line \(reject.line), column \(reject.column), byte \(reject.byte):"
        + " \(reject.reason)"
    }
    return FileFailure(
      .rejectedRows,
      "\(rejects.count) \(rejects.count == 1 ? "record was" : "records were") rejected,"
        + " where \(allowed) \(allowed == 1 ? "is" : "are") allowed.\(first ?? "")")
  }
}

extension FileFailure {
  fileprivate init(_ failure: CSVFailure) {
    let code: FailureCode =
      switch failure.kind {
      case .empty: .empty
      case .encoding: .encoding
      case .header: .header
      case .unclosedQuote: .unclosedQuote
      case .recordTooLong: .recordTooLong
      }
    self.init(code, failure.sentence)
  }
}
