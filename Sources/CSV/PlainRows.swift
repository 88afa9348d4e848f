/// The fast way: rows that need no second look.
///
/// It takes a record only where every rule is met beyond doubt, and else stops in front of it
/// without a trace; it never rejects. Doubled quotes are undone once the whole record is taken, and not before.
///
/// Where fields end is found ahead (`FieldEnds`); what is left to do for a row is then the same few steps for every
/// row, whatever the lengths of its fields, which a processor guesses right.
struct PlainRows {
  enum Stop {
    /// The record at `recordStart` is for the other way.
    case unusual
    /// The record at `recordStart` does not end within the limit.
    case ranOut
    case full
  }

  /// What became of one record.
  private enum Outcome {
    case taken
    case unusual
    case ranOut
  }

  private let bytes: Bytes
  private let limit: Int
  private let header: Header
  private let needed: Int
  private let maxRecord: Int
  private let checksDates: Bool

  /// Where the record begins that is being read; all before it is taken.
  private(set) var recordStart: Int
  /// Lines and rows taken.
  private(set) var lines = 0
  private(set) var rows = 0

  /// Begins at the start of a record; all before `limit` is UTF-8 without NUL.
  init(_ bytes: Bytes, from start: Int, limit: Int, header: Header, options: CSVOptions) {
    self.bytes = bytes
    // Two bytes behind any field end can still be looked at.
    self.limit = limit - 2
    self.header = header
    needed = header.neededColumns
    maxRecord = options.maxRecord
    checksDates = options.dates == .calendar
    recordStart = start
  }

  /// Reads rows into a batch, which has room for one at least.
  mutating func read(into batch: inout RowBatch) -> Stop {
    batch.ends.go(to: recordStart, limit: limit, separator: header.separator)
    while !batch.isFull {
      if batch.ends.entry + header.columnCount <= batch.ends.known || extend(&batch.ends) {
        if takeRows(&batch) { continue }
      }
      switch takeRecord(&batch) {
      case .taken: continue
      case .unusual: return .unusual
      case .ranOut: return .ranOut
      }
    }
    return .full
  }

  /// Finds more field ends until those of a row are there.
  @inline(never)
  private func extend(_ ends: inout FieldEnds) -> Bool {
    while ends.entry + header.columnCount > ends.known {
      guard ends.extend(in: bytes) else { return false }
    }
    return true
  }

  /// Takes rows of just the header's columns, as long as their ends are known; false where another record comes.
  private mutating func takeRows(_ batch: inout RowBatch) -> Bool {
    var loop = PlainLoop(
      entry: batch.ends.entry, withinEntry: batch.ends.withinEntry, start: recordStart)
    let isOther = loop.take(
      from: bytes, header: header, maxRecord: maxRecord, checksDates: checksDates, into: &batch)
    batch.ends.entry = loop.entry
    batch.ends.withinEntry = loop.withinEntry
    recordStart = loop.start
    rows += loop.rows
    lines += loop.lines
    return !isOther
  }

  /// Takes a record of fewer columns, or of more that are empty, or a line without a byte.
  private mutating func takeRecord(_ batch: inout RowBatch) -> Outcome {
    var (song, date) = (0..<0, 0..<0)
    var plays: Int64?
    var (index, column, fieldStart) = (batch.ends.entry, 0, recordStart)
    while true {
      while index >= batch.ends.known {
        guard batch.ends.extend(in: bytes) else { return .ranOut }
      }
      let end = batch.ends.origin + batch.ends.ends[index]
      index += 1
      let isLast = bytes[end].endsLine
      if isLast && end == recordStart { break }
      let content = bytes[fieldStart] == .quote ? fieldStart + 1..<end - 1 : fieldStart..<end
      if column == header.songColumn {
        song = content
      } else if column == header.dateColumn {
        date = content
        guard !checksDates || CalendarDate.isReal(content, of: bytes) else { return .unusual }
      } else if column == header.playsColumn {
        guard let value = WholeNumber.value(content, of: bytes) else { return .unusual }
        plays = value
      } else if column >= header.columnCount {
        guard content.isEmpty else { return .unusual }
      }
      column += 1
      fieldStart = end + 1
      if isLast { break }
    }
    let end = batch.ends.origin + batch.ends.ends[index - 1]
    if end > recordStart {
      guard column >= needed, let plays, end - recordStart <= maxRecord else { return .unusual }
      var parts = QuotedParts(entry: batch.ends.withinEntry)
      batch.append(
        parts.finish(
          PlayRow(song: song, date: date, plays: plays), until: end - batch.ends.origin,
          batch.ends, of: bytes))
      batch.ends.withinEntry = parts.entry
      rows += 1
      lines += parts.lines
    }
    // The line feed behind a carriage return ends no line of its own.
    let isCRLF = bytes[end] == .carriageReturn && bytes[end + 1] == .lineFeed
    batch.ends.entry = index + (isCRLF ? 1 : 0)
    recordStart = end + (isCRLF ? 2 : 1)
    lines += 1
    return .taken
  }
}
