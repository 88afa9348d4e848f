/// The way of the first record.
extension PlaysReader {
  /// Reads the header at `start` and returns its end, or nil where more bytes are needed.
  mutating func readHeader(
    _ bytes: Bytes, at start: Int, isFinal: Bool
  ) throws(CSVFailure) -> Int? {
    while true {
      let trial = SeparatorTrial.order[separatorTrial]
      guard
        let end = try recordEnd(bytes, at: start, separator: trial.separator, isFinal: isFinal)
      else { return nil }
      if scan.separators >= trial.least {
        let record = start..<end
        header = try makeHeader(record, of: bytes, separator: trial.separator, isFinal: isFinal)
        if scan.isMultiline { line += bytes.lineEnds(in: record) }
        return end
      }
      separatorTrial += 1
      scan = RecordScan()
    }
  }

  private mutating func makeHeader(
    _ record: Range<Int>, of bytes: Bytes, separator: UInt8, isFinal: Bool
  ) throws(CSVFailure) -> Header {
    let start = record.lowerBound
    let fields = HeaderFields(record, of: bytes, separator: separator)
    try checkHeaderBytes(record, of: bytes, fields: fields, isFinal: isFinal)
    if let repeated = fields.repeated {
      throw .header(
        "The header names a column twice, and it is not known which one counts",
        at: position(of: repeated.start, bytes, start), remedy: "rename one of the two")
    }
    guard fields.count >= 3 else {
      throw .header(
        "The header has \(fields.count) \(fields.count == 1 ? "column" : "columns") of the three "
          + "that are needed", at: position(of: start, bytes, start),
        remedy: "begin the file with the line Song,Date,Number of Plays")
    }
    if let song = fields.named[0], let date = fields.named[1], let plays = fields.named[2] {
      return Header(
        separator: separator, columns: .byName, columnCount: fields.count, songColumn: song,
        dateColumn: date, playsColumn: plays)
    }
    if let number = fields.number {
      throw .header(
        "The file has no header line, and its first row would be lost",
        at: position(of: number.content.lowerBound, bytes, start),
        remedy: "begin the file with the line Song,Date,Number of Plays")
    }
    return Header(
      separator: separator, columns: .byPosition, columnCount: fields.count, songColumn: 0,
      dateColumn: 1, playsColumn: 2)
  }

  /// Throws for what would reject any other record; of several problems the first one counts.
  private mutating func checkHeaderBytes(
    _ record: Range<Int>, of bytes: Bytes, fields: HeaderFields, isFinal: Bool
  ) throws(CSVFailure) {
    let start = record.lowerBound
    let bad = badByte(in: record, of: bytes, isFinal: isFinal)
    if let bad, bad <= fields.textAfterQuote ?? bad {
      let place = position(of: bad, bytes, start)
      throw bytes[bad] == 0
        ? .header("The header holds a NUL byte", at: place, remedy: "remove it")
        : .header("The header is not UTF-8", at: place, remedy: "save the file as UTF-8")
    }
    if let text = fields.textAfterQuote {
      throw .header(
        "Text follows a closing quote in the header", at: position(of: text, bytes, start),
        remedy: "write a quote inside a quoted field twice")
    }
  }
}
