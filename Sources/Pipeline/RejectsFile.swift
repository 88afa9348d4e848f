import CSV
import Files
import TaskModel

/// The rejected records of a file: all of them in `NAME.rejects.csv`, the first ones for the manifest.
///
/// The file is made with the first reject, and written as they come, so that a file in which every
/// record is wrong takes no memory. Where the file will fail for their number, 10,000 are enough for
/// whoever has to correct it.
struct RejectsFile: ~Copyable, Sendable {
  private let task: TaskID
  /// Nil: no file is written.
  private let outbox: Directory?
  /// What must stay free where it is written.
  private let space: DiskSpace
  /// Nil: any number is let pass.
  private let allowed: Int?
  private var file: OutboxFile?
  private var sealed: SealedFile?
  private var writer: CSVWriter
  private let rejectsToWrite: Int
  /// For the `rejects` of the database, which the caller takes with each batch.
  private(set) var pending: [RejectedRecord] = []
  private(set) var count = 0
  private(set) var first: RejectedRecord?

  /// The most that is listed of a file that fails.
  private static let mostOfFailedFile = 10_000
  /// What the database keeps of a record, and so all that is held in memory.
  private static let keptBytes = 4096
  private static let header = ["Line", "Column", "Byte", "Reason", "Record"]
  private static let chunk = 256 << 10

  init(of task: TaskID, in outbox: Directory?, settings: Settings, space: DiskSpace) {
    self.task = task
    self.outbox = outbox
    self.space = space
    allowed = settings.maxRejects
    rejectsToWrite = allowed.map { max($0, Self.mostOfFailedFile) } ?? .max
    writer = CSVWriter(settings)
  }

  /// What fails the file, once more records were rejected than are allowed.
  var tooMany: FileFailure? {
    guard let allowed, count > allowed else { return nil }
    let first = first.map { reject in
      " The first: line \(reject.line), column \(reject.column), byte \(reject.byte):"
        + " \(reject.reason)"
    }
    return FileFailure(
      .rejectedRows,
      "\(count) \(count == 1 ? "record was" : "records were") rejected,"
        + " where \(allowed) \(allowed == 1 ? "is" : "are") allowed.\(first ?? "")")
  }

  /// How many rejects of one piece can matter, in the list and for the count to pass what is allowed.
  static func mostOfPiece(_ settings: Settings) -> Int {
    settings.maxRejects.map { max($0, mostOfFailedFile) } ?? .max
  }

  /// Counts records that were rejected behind so many others that nobody will list them.
  mutating func count(_ more: Int) { count += more }

  /// - Throws: `SpaceShortage`, or what the file system says.
  mutating func append(_ rejects: [Reject]) throws {
    for reject in rejects {
      count += 1
      guard count <= rejectsToWrite else { continue }
      let record = RejectedRecord(
        line: reject.position.line, column: reject.position.column, byte: reject.position.byte,
        reason: reject.reason.description, raw: Array(reject.raw.prefix(Self.keptBytes)))
      if first == nil { first = record }
      if count <= Self.mostOfFailedFile { pending.append(record) }
      try write(reject)
    }
  }

  mutating func takePending() -> [RejectedRecord] {
    defer { pending.removeAll() }
    return pending
  }

  /// Ends the file; nil where nothing was rejected.
  ///
  /// May be called again: a file whose totals turn out not to fit fails after its rejects were sealed.
  ///
  /// - Returns: The file, synced.
  /// - Throws: As `append`.
  mutating func seal() throws -> SealedFile? {
    guard sealed == nil, file != nil else { return sealed }
    try drain()
    sealed = try file?.seal()
    return sealed
  }

  private mutating func write(_ reject: Reject) throws {
    guard let outbox else { return }
    if file == nil {
      file = try OutboxFile(.rejects, of: task, in: outbox)
      for name in Self.header { writer.append(name) }
      writer.endRecord()
    }
    writer.append(Int64(reject.position.line))
    writer.append(Int64(reject.position.column))
    writer.append(Int64(reject.position.byte))
    writer.append(reject.reason.description)
    writer.append(reject.raw.span)
    writer.endRecord()
    if writer.bytes.count >= Self.chunk { try drain() }
  }

  private mutating func drain() throws {
    // A packed file of bad records comes to a thousand times its size here.
    try space.check()
    try file?.write(writer.bytes)
    writer.removeAll()
  }
}
