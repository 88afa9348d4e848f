/// The fast way: rows that need no second look, 64 bytes at a time.
///
/// It takes a record only where every rule is met beyond doubt, and else stops in front of it
/// without a trace; it never rejects. Doubled quotes are undone once the whole record is taken, and not before.
///
/// The mask of stops outlives fields and records, so that each byte is looked at once.
struct PlainRows {
  enum Stop {
    /// The record at `recordStart` is for the other way.
    case unusual
    /// The record at `recordStart` does not end within the limit.
    case ranOut
    case full
  }

  private let bytes: Bytes
  /// The last offset at which 64 bytes may be loaded.
  ///
  /// Two bytes behind any stop in them can still be looked at.
  private let lastMask: Int
  /// The last offset at which a word may be loaded, with the same two bytes behind it.
  private let lastWord: Int
  private let header: Header
  private let needed: Int
  private let maxRecord: Int
  private let checksDates: Bool

  /// Where the record begins that is being read; all before it is taken.
  private(set) var recordStart: Int
  /// Lines and rows taken.
  private(set) var lines = 0
  private(set) var rows = 0

  private var maskStart = 0
  private var stops: UInt64 = 0
  private var column = 0
  private var fieldStart = 0
  /// The closing quote of the field, or -1 where it has no quotes.
  private var closingQuote = -1
  private var hasDoubledQuotes = false
  private var song = 0..<0
  private var songHasDoubledQuotes = false
  private var dateHasDoubledQuotes = false
  /// Lines that end inside quotes.
  private var innerLines = 0
  private var date = 0..<0
  private var plays: Int64 = 0

  /// Begins at the start of a record; all before `limit` is UTF-8 without NUL.
  init(_ bytes: Bytes, from start: Int, limit: Int, header: Header, options: CSVOptions) {
    self.bytes = bytes
    lastMask = limit - 66
    lastWord = limit - 10
    self.header = header
    needed = header.neededColumns
    maxRecord = options.maxRecord
    checksDates = options.dates == .calendar
    recordStart = start
  }

  /// Reads rows into a batch, which has room for one at least.
  mutating func read(into batch: inout RowBatch) -> Stop {
    guard look(at: recordStart) else { return .ranOut }
    guard beginRecord(at: recordStart) else { return .unusual }
    while let at = nextStop() {
      let byte = bytes[at]
      if byte == header.separator {
        guard endField(at: at) else { return .unusual }
        column += 1
        guard beginField(at: at + 1) else { return .unusual }
      } else if byte.endsLine {
        if at > recordStart {
          guard endField(at: at), endRecord(at: at, into: &batch) else { return .unusual }
        }
        lines += 1
        var next = at + 1
        if byte == .carriageReturn && bytes[next] == .lineFeed {
          next += 1
          recordStart = next
          guard look(at: next) else { return .ranOut }
        }
        recordStart = next
        if batch.isFull { return .full }
        guard beginRecord(at: next) else { return .unusual }
      }
    }
    return .ranOut
  }

  /// The mask of all that may end a field.
  @inline(__always)
  private func mask(at offset: Int) -> UInt64 {
    bytes.stops(at: offset, separator: header.separator)
  }

  /// Begins to look for stops at an offset, or returns false where it is too near to the limit.
  @inline(__always)
  private mutating func look(at offset: Int) -> Bool {
    guard offset <= lastMask else { return false }
    maskStart = offset
    stops = mask(at: offset)
    return true
  }

  /// The next byte that may be a separator or a line end.
  @inline(__always)
  private mutating func nextStop() -> Int? {
    while stops == 0 {
      maskStart += 64
      guard maskStart <= lastMask else { return nil }
      stops = mask(at: maskStart)
    }
    let at = maskStart + stops.trailingZeroBitCount
    stops &= stops &- 1
    return at
  }

  @inline(__always)
  private mutating func beginRecord(at start: Int) -> Bool {
    column = 0
    innerLines = 0
    return beginField(at: start)
  }

  /// False for a quoted field that is not plain.
  @inline(__always)
  private mutating func beginField(at start: Int) -> Bool {
    fieldStart = start
    closingQuote = -1
    hasDoubledQuotes = false
    return bytes[start] != .quote || skipQuotes(at: start)
  }

  /// Steps behind the closing quote of a field; false where something else than its end follows, or the
  /// quote is not in sight.
  private mutating func skipQuotes(at start: Int) -> Bool {
    let quotes = Word.filled(with: .quote)
    var at = start + 1
    // Not zero where a line may end before the closing quote.
    var controls: UInt64 = 0
    while at <= lastWord {
      let word = bytes.word(at: at)
      controls |= Word.controls(word)
      let found = Word.zeros(word ^ quotes)
      if found == 0 {
        at += 8
        continue
      }
      at += found.trailingZeroBitCount >> 3
      let behind = bytes[at + 1]
      if behind == .quote {
        hasDoubledQuotes = true
        at += 2
        continue
      }
      closingQuote = at
      if controls != 0 { innerLines += bytes.lineEnds(in: start + 1..<at) }
      return (behind == header.separator || behind.endsLine) && look(at: at + 1)
    }
    return false
  }

  /// Takes what the field is for; false where it is not plain.
  @inline(__always)
  private mutating func endField(at end: Int) -> Bool {
    let isQuoted = closingQuote >= 0
    let content = isQuoted ? fieldStart + 1..<closingQuote : fieldStart..<end
    if column == header.songColumn {
      song = content
      songHasDoubledQuotes = hasDoubledQuotes
    } else if column == header.dateColumn {
      date = content
      dateHasDoubledQuotes = hasDoubledQuotes
      return !checksDates || CalendarDate.isReal(content, of: bytes)
    } else if column == header.playsColumn {
      if let short = WholeNumber.short(content, of: bytes) {
        plays = short
      } else if case .value(let value) = WholeNumber(content, of: bytes) {
        plays = value
      } else {
        return false
      }
    } else if column >= header.columnCount {
      return content.isEmpty
    }
    return true
  }

  /// Takes the row; false where the record is too short or too long.
  @inline(__always)
  private mutating func endRecord(at end: Int, into batch: inout RowBatch) -> Bool {
    guard column + 1 >= needed, end - recordStart <= maxRecord else { return false }
    if songHasDoubledQuotes { song = bytes.undoubleQuotes(in: song) }
    if dateHasDoubledQuotes { date = bytes.undoubleQuotes(in: date) }
    batch.append(PlayRow(song: song, date: date, plays: plays))
    rows += 1
    lines += innerLines
    return true
  }
}
