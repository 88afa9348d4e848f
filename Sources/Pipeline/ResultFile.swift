import CSV
import Files
import PlayRows
import TaskModel

/// The totals of a file, written group by group in their final order.
struct ResultFile: ~Copyable {
  private var file: OutboxFile
  private var text: ResultText

  init(of task: TaskID, in outbox: Directory, settings: Settings) throws(FileError) {
    file = try OutboxFile(.result, of: task, in: outbox)
    text = ResultText(settings)
  }

  /// Appends groups.
  mutating func append(_ groups: borrowing RowBlock) throws(FileError) {
    var place = 0
    while text.append(groups, from: &place) { try drain() }
  }

  mutating func seal() throws(FileError) -> SealedFile {
    try drain()
    return try file.seal()
  }

  private mutating func drain() throws(FileError) {
    try file.write(text.bytes)
    text.removeAll()
  }
}

/// The bytes of a result, header and groups, on their way to wherever they are written.
struct ResultText {
  private var writer: CSVWriter

  private static let header = ["Song", "Date", "Total Number of Plays for Date"]
  /// Bytes collected before they are written.
  private static let chunk = 256 << 10

  init(_ settings: Settings) {
    writer = CSVWriter(settings)
    for name in Self.header { writer.append(name) }
    writer.endRecord()
  }

  var bytes: [UInt8] { writer.bytes }

  mutating func removeAll() { writer.removeAll() }

  /// Appends groups of a block from a place on, until there are enough bytes to be written.
  ///
  /// - Parameters:
  ///   - groups: The block.
  ///   - place: Where to begin, from 0; moved behind what was appended.
  /// - Returns: True where the bytes should be written, and the call repeated.
  mutating func append(_ groups: borrowing RowBlock, from place: inout Int) -> Bool {
    while let row = groups.next(&place) {
      // The block lends the bytes for the length of this call.
      unsafe writer.appendRecord(
        Span(_unsafeElements: row.song.assumingMemoryBound(to: UInt8.self)),
        Span(_unsafeElements: row.date.assumingMemoryBound(to: UInt8.self)), row.plays)
      if writer.bytes.count >= Self.chunk { return true }
    }
    return false
  }
}

extension CSVWriter {
  init(_ settings: Settings) {
    self.init(
      lineEnding: settings.lineEnding == .lf ? .lf : .crlf,
      escapeFormulas: settings.escapeFormulas)
  }
}
