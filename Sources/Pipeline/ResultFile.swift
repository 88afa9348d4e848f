import CSV
import Files
import TaskModel

/// The totals of a file, written group by group in their final order.
struct ResultFile: ~Copyable {
  private var file: OutboxFile
  private var writer: CSVWriter
  private(set) var groups: Int64 = 0
  /// The exact sum over the groups written, to be held against the sum over the rows read.
  private(set) var playsSum: Int128 = 0

  private static let header = ["Song", "Date", "Total Number of Plays for Date"]
  /// Bytes collected before they are written.
  private static let chunk = 256 << 10

  init(of task: TaskID, in outbox: Directory, settings: Settings) throws(FileError) {
    file = try OutboxFile(.result, of: task, in: outbox)
    writer = CSVWriter(settings)
    for name in Self.header { writer.append(name) }
    writer.endRecord()
  }

  /// Appends a group.
  ///
  /// - Throws: `FileFailure(.sumOverflow)` where the sum does not fit Int64, or the file system's error.
  mutating func append(
    song: UnsafeRawBufferPointer, date: UnsafeRawBufferPointer, sum: Int128
  ) throws {
    guard let plays = Int64(exactly: sum) else {
      throw unsafe FileFailure.sumOverflow(song: song, date: date, sum: sum)
    }
    // The bytes are lent by the tally or the database for the length of this call.
    unsafe writer.append(Span(_unsafeElements: song.assumingMemoryBound(to: UInt8.self)))
    unsafe writer.append(Span(_unsafeElements: date.assumingMemoryBound(to: UInt8.self)))
    writer.append(plays)
    writer.endRecord()
    groups += 1
    playsSum += sum
    if writer.bytes.count >= Self.chunk { try drain() }
  }

  mutating func seal() throws(FileError) -> SealedFile {
    try drain()
    return try file.seal()
  }

  private mutating func drain() throws(FileError) {
    try file.write(writer.bytes)
    writer.removeAll()
  }
}

extension CSVWriter {
  init(_ settings: Settings) {
    self.init(
      lineEnding: settings.lineEnding == .lf ? .lf : .crlf,
      escapeFormulas: settings.escapeFormulas)
  }
}

extension FileFailure {
  fileprivate static func sumOverflow(
    song: UnsafeRawBufferPointer, date: UnsafeRawBufferPointer, sum: Int128
  ) -> FileFailure {
    func shown(_ bytes: UnsafeRawBufferPointer) -> String {
      let text = unsafe String(decoding: bytes.prefix(100), as: UTF8.self).escapedForTerminal
      return bytes.count > 100 ? text + "..." : text
    }
    let (songText, dateText) = unsafe (shown(song), shown(date))
    return FileFailure(
      .sumOverflow,
      "The plays of \"\(songText)\" on \"\(dateText)\" add up to \(sum), which does not fit 64 bits;"
        + " correct the numbers or send the rows in several files.")
  }
}
