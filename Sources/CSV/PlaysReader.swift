// The contract of this module: bytes to records and back, and nothing else. It opens no file, asks
// no clock, starts no thread and keeps no byte: the caller owns the buffer, the batch and the list
// of rejects, and a row is four offsets and a number.
//
// - The results depend on the file's bytes alone, never on how they are cut into pieces, on the
//   capacity of the batch, or on which of the two ways through the code a record takes.
// - Work is linear in the file's size, also where it comes one byte at a time.
// - Each record after the header is an accepted row, a reject with the exact place of what is
//   wrong, or the end of the file (`CSVFailure`). None is skipped; a line of no bytes is no record.
// - What is accepted is UTF-8 without NUL. Song and date are the file's bytes, quotes undone in
//   place; a reject is reported as it stands in the file.
// - The caller needs room for `maxRecord` bytes and one piece of the file, not more.
//
// It does not sum, compare or normalise, and it does not read other tables than play reports.
//
// There are two ways through: `PlainRows` looks at 64 bytes at a time and gives up at anything that
// is not plain (text behind a closing quote, a doubtful number, a byte not yet checked, the end
// of the buffer); then `RecordScan`, `Field` and `Verdict` take that one record byte by
// byte. The price is that every rule is written twice, and that a file whose every record is
// unusual is read at a fifth of the speed. Whoever changes a rule in `Verdict` changes `PlainRows`
// too; the tests hold both against a third, slow reader.

/// Reads a play report (song, date, number of plays) that is pushed to it piece by piece.
///
/// A small value: a copy taken between two calls can go on from there.
package struct PlaysReader: Sendable {
  package let options: CSVOptions
  /// Nil until the header's line end, or the end of the file, has been read.
  package internal(set) var header: Header?
  /// Records after the header, accepted and rejected; blank lines are none.
  package internal(set) var rowsRead = 0
  package internal(set) var rowsRejected = 0

  /// Offset in the file of the buffer's first byte: how many bytes are done with.
  package internal(set) var bytesRead = 0
  /// Physical line, from 1, on which the next record begins.
  package internal(set) var line = 1

  /// False until the first bytes have been looked at for what is not UTF-8 text.
  var hasBegun = false
  /// The last byte done with was a CR that ended a line: an LF that follows belongs to it.
  var endedWithCR = false
  /// Index in `SeparatorTrial.order`, while there is no header.
  var separatorTrial = 0
  var scan = RecordScan()
  var check = UTF8Check()

  /// How far ahead of the rows the UTF-8 check runs: little enough to be in the cache still when
  /// the rows are read.
  private static let checkAhead = 32 << 10

  package init(options: CSVOptions = CSVOptions()) {
    precondition(
      CSVOptions.maxRecordRange.contains(options.maxRecord), "settings are checked on entry")
    self.options = options
  }

  /// Why `read` returned.
  package enum Stop: Hashable, Sendable {
    /// The buffer is used up but for an unfinished record: append to what is left, or say that it
    /// was all.
    case needsBytes
    /// The batch is full or there are many rejects: take them and call again.
    case needsRoom
    /// The file is read. Only where `isFinal` was true.
    case finished
  }

  /// How far a call came.
  package struct Progress: Hashable, Sendable {
    /// How many bytes at the front of the buffer are done with.
    package let consumed: Int
    package let stop: Stop

    package init(consumed: Int, stop: Stop) {
      self.consumed = consumed
      self.stop = stop
    }
  }

  /// Reads whole records at the front of the buffer until the batch is full, many records were
  /// rejected, or the buffer is used up.
  ///
  /// The next call's buffer begins with the first byte that was not consumed. Rows point into this
  /// call's buffer, whose consumed bytes may have been changed; take them before moving it.
  ///
  /// - Parameters:
  ///   - buffer: What is left of the last call and what has come since; below 4 GiB.
  ///   - isFinal: True where the file ends with the buffer.
  ///   - batch: Emptied first, then filled.
  ///   - rejects: Appended to.
  /// - Returns: How much is done with and why it stopped.
  /// - Throws: What ends the file; batch and rejects hold all records before it, and the reader is
  ///   not to be used again.
  package mutating func read(
    _ buffer: inout MutableSpan<UInt8>, isFinal: Bool, into batch: inout RowBatch,
    rejects: inout [Reject]
  ) throws(CSVFailure) -> Progress {
    precondition(buffer.count <= Int(UInt32.max), "rows have offsets of 32 bits")
    batch.removeAll()
    return try advance(
      &buffer, isFinal: isFinal, headerOnly: false, into: &batch, rejects: &rejects)
  }

  /// Reads up to the end of the header line and not further; `header` is set where it got there.
  ///
  /// - Parameters:
  ///   - buffer: As for `read`.
  ///   - isFinal: True where the file ends with the buffer.
  /// - Returns: How much is done with; `needsRoom` where there may be rows to read.
  /// - Throws: What ends the file.
  package mutating func readHeader(
    _ buffer: inout MutableSpan<UInt8>, isFinal: Bool
  ) throws(CSVFailure) -> Progress {
    var none = RowBatch(capacity: 1)
    var rejects: [Reject] = []
    return try advance(
      &buffer, isFinal: isFinal, headerOnly: true, into: &none, rejects: &rejects)
  }

  private mutating func advance(
    _ buffer: inout MutableSpan<UInt8>, isFinal: Bool, headerOnly: Bool,
    into batch: inout RowBatch, rejects: inout [Reject]
  ) throws(CSVFailure) -> Progress {
    try unsafe buffer.withUnsafeMutableBufferPointer {
      (pointer) throws(CSVFailure) -> Progress in
      let bytes = unsafe Bytes(pointer)
      var position = 0
      let stop = try readRecords(
        bytes, isFinal: isFinal, headerOnly: headerOnly, from: &position, into: &batch,
        rejects: &rejects)
      bytesRead += position
      check.drop(position)
      batch.ends.drop(position)
      return Progress(consumed: position, stop: stop)
    }
  }

  private mutating func readRecords(
    _ bytes: Bytes, isFinal: Bool, headerOnly: Bool, from position: inout Int,
    into batch: inout RowBatch, rejects: inout [Reject]
  ) throws(CSVFailure) -> Stop {
    if !hasBegun {
      guard isFinal || bytes.count >= FileContent.bytesNeeded else { return .needsBytes }
      position = try begin(bytes)
    }
    var room = RejectRoom()
    while true {
      skipBlankLines(bytes, from: &position)
      guard position < bytes.count else { return isFinal ? try finish() : .needsBytes }
      guard let header else {
        guard let end = try readHeader(bytes, at: position, isFinal: isFinal) else {
          return .needsBytes
        }
        position = end
        endRecord(at: &position, of: bytes)
        if headerOnly { return .needsRoom }
        continue
      }
      if batch.isFull || room.isUsedUp { return .needsRoom }
      if !scan.isInProgress,
        readPlainRows(bytes, header: header, isFinal: isFinal, from: &position, into: &batch)
      {
        continue
      }
      guard
        let end = try recordEnd(
          bytes, at: position, separator: header.separator, isFinal: isFinal)
      else { return .needsBytes }
      let record = position..<end
      if let reject = readRecord(
        record, of: bytes, header: header, isFinal: isFinal, into: &batch)
      {
        room.take(reject)
        rejects.append(reject)
      }
      position = end
      endRecord(at: &position, of: bytes)
    }
  }

  /// Reads what the fast way can take, and returns true where it may be able to take more.
  private mutating func readPlainRows(
    _ bytes: Bytes, header: Header, isFinal: Bool, from position: inout Int,
    into batch: inout RowBatch
  ) -> Bool {
    check.resume(at: position)
    // Looked through was what the piece was cut from.
    check.skip(to: min(batch.ends.plainEnd, bytes.count))
    check.extend(
      to: min(bytes.count, position + Self.checkAhead), in: bytes, isFinal: isFinal)
    var plain = PlainRows(
      bytes, from: position, limit: check.clean, header: header, options: options)
    let result = plain.read(into: &batch)
    let progressed = plain.recordStart > position
    position = plain.recordStart
    line += plain.lines
    rowsRead += plain.rows
    // Without progress the record is longer than what was checked: taken again and again it would
    // cost the square of its length, so the other way takes it.
    return progressed && result != .unusual
  }

  /// Looks at the first bytes and returns how many are a byte-order mark.
  private mutating func begin(_ bytes: Bytes) throws(CSVFailure) -> Int {
    guard bytes.count > 0 else { throw .empty }
    if let content = FileContent(firstBytesOf: bytes) { throw .encoding(content) }
    hasBegun = true
    let hasMark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
    return hasMark ? 3 : 0
  }

  private mutating func skipBlankLines(_ bytes: Bytes, from position: inout Int) {
    if scan.isInProgress { return }
    while position < bytes.count {
      let byte = bytes[position]
      guard byte.endsLine else { break }
      // The LF of a CRLF ends no line of its own.
      if !(byte == .lineFeed && endedWithCR) { line += 1 }
      endedWithCR = byte == .carriageReturn
      position += 1
    }
    if position < bytes.count { endedWithCR = false }
  }

  /// Steps over the line end behind a record.
  private mutating func endRecord(at position: inout Int, of bytes: Bytes) {
    scan = RecordScan()
    guard position < bytes.count else { return }
    endedWithCR = bytes[position] == .carriageReturn
    line += 1
    position += 1
  }

  private func finish() throws(CSVFailure) -> Stop {
    guard header != nil else {
      throw .header(
        "The file has no line with anything in it", at: .fileStart,
        remedy: "send it with a header line and rows")
    }
    return .finished
  }
}

/// How much one call may still reject: the list of a file in which all is wrong must not grow with
/// the caller's buffer.
private struct RejectRoom {
  private var bytes = 1 << 20
  private var records = 4096

  var isUsedUp: Bool { bytes <= 0 || records == 0 }

  mutating func take(_ reject: Reject) {
    bytes -= reject.raw.count
    records -= 1
  }
}
