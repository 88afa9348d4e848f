/// The way of one record, byte by byte: finding its end, its verdict, its row or reject.
extension PlaysReader {
  /// Returns the end of the record at `start`, or nil where more bytes are needed.
  mutating func recordEnd(
    _ bytes: Bytes, at start: Int, separator: UInt8, isFinal: Bool
  ) throws(CSVFailure) -> Int? {
    let limit = options.maxRecord
    if let end = scan.advance(in: bytes, start: start, limit: limit, separator: separator) {
      return end
    }
    if bytes.count - start > limit {
      let quote = scan.isInsideQuotes ? position(of: start + scan.quoteStart, bytes, start) : nil
      throw .recordTooLong(at: position(of: start, bytes, start), limit: limit, quote: quote)
    }
    guard isFinal else { return nil }
    if scan.isInsideQuotes {
      throw .unclosedQuote(at: position(of: start + scan.quoteStart, bytes, start))
    }
    return bytes.count
  }

  /// Counts a record and puts it into the batch, which has room, or returns it as a reject.
  mutating func readRecord(
    _ record: Range<Int>, of bytes: Bytes, header: Header, isFinal: Bool,
    into batch: inout RowBatch
  ) -> Reject? {
    let verdict = Verdict(
      record, of: bytes, header: header, dates: options.dates,
      badByte: badByte(in: record, of: bytes, isFinal: isFinal))
    let firstLine = line
    if scan.isMultiline { line += bytes.lineEnds(in: record) }
    rowsRead += 1
    switch verdict {
    case .row(let song, let date, let plays):
      batch.append(
        PlayRow(
          song: unquoted(song, in: bytes), date: unquoted(date, in: bytes), plays: plays))
      return nil
    case .rejected(let reason, let offset):
      rowsRejected += 1
      let position = Position(
        of: offset, in: bytes, recordStart: record.lowerBound, line: firstLine, base: bytesRead)
      return Reject(position: position, reason: reason, raw: bytes.copy(record))
    }
  }

  /// The content of a field of an accepted record; doubled quotes are undone in the buffer.
  private func unquoted(_ field: Field, in bytes: Bytes) -> Range<Int> {
    field.hasDoubledQuotes ? bytes.undoubleQuotes(in: field.content) : field.content
  }

  /// The first byte of a record that is not UTF-8 or is NUL.
  mutating func badByte(in record: Range<Int>, of bytes: Bytes, isFinal: Bool) -> Int? {
    check.resume(at: record.lowerBound)
    check.extend(to: record.upperBound, in: bytes, isFinal: isFinal)
    return check.isBad && check.clean < record.upperBound ? check.clean : nil
  }

  /// The position of an offset in the record that begins at `start`, on `line`.
  func position(of offset: Int, _ bytes: Bytes, _ start: Int) -> Position {
    Position(of: offset, in: bytes, recordStart: start, line: line, base: bytesRead)
  }
}
