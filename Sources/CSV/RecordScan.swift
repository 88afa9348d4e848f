/// Finds where a record ends, and can stop anywhere and go on with the next piece of the file.
///
/// Offsets are kept from the start of the record, so that the caller may move the bytes of an
/// unfinished record to the front of its buffer.
struct RecordScan {
  private enum State {
    case fieldStart
    /// In a field without quotes, or behind the closing quote where text follows it.
    case plain
    case quoted
    /// Behind a quote within quotes: it closes the field, or is the first of a doubled one.
    case behindQuote
  }

  private var state = State.fieldStart
  /// How many bytes of the record have been looked at.
  private(set) var scanned = 0
  /// Where the last quoted field opened.
  private(set) var quoteStart = 0
  /// Separators outside quotes.
  private(set) var separators = 0
  /// True where a line ended inside quotes.
  private(set) var isMultiline = false

  var isInProgress: Bool { scanned > 0 }
  var isInsideQuotes: Bool { state == .quoted }

  /// Looks at further bytes of the record at `start`, up to `limit` of them from there.
  ///
  /// Returns the offset of the line end behind the record, or nil where none was found. A record of
  /// just `limit` bytes is found; a longer one leaves `scanned` at the limit.
  mutating func advance(in bytes: Bytes, start: Int, limit: Int, separator: UInt8) -> Int? {
    let end = start + min(bytes.count - start, limit)
    var at = start + scanned
    defer { scanned = at - start }
    while at < end {
      let byte = bytes[at]
      if state == .quoted {
        if byte == .quote { state = .behindQuote }
        if byte.endsLine { isMultiline = true }
      } else if byte.endsLine {
        return at
      } else if byte == separator {
        separators += 1
        state = .fieldStart
      } else if byte == .quote && state != .plain {
        if state == .fieldStart { quoteStart = at - start }
        state = .quoted
      } else {
        state = .plain
      }
      at += 1
    }
    // A record of just the longest length has its line end here.
    return at < bytes.count && state != .quoted && bytes[at].endsLine ? at : nil
  }
}

/// One field of a record whose end is known.
struct Field {
  /// Its first byte, the opening quote where it has one.
  var start: Int
  /// Its bytes without the quotes around them; doubled quotes are still double.
  var content: Range<Int>
  /// The separator behind it, or the end of the record.
  var end: Int
  var hasDoubledQuotes = false
  /// The first byte behind the closing quote, where that is neither a separator nor the end.
  var textAfterQuote: Int?
}

extension Bytes {
  /// The field that begins at `start`.
  func field(from start: Int, recordEnd: Int, separator: UInt8) -> Field {
    guard start < recordEnd, self[start] == .quote else {
      let end = next(separator, from: start, recordEnd: recordEnd)
      return Field(start: start, content: start..<end, end: end)
    }
    var hasDoubledQuotes = false
    var at = start + 1
    while at < recordEnd {
      if self[at] == .quote {
        guard at + 1 < recordEnd, self[at + 1] == .quote else { break }
        hasDoubledQuotes = true
        at += 1
      }
      at += 1
    }
    let end = next(separator, from: min(at + 1, recordEnd), recordEnd: recordEnd)
    return Field(
      start: start, content: start + 1..<at, end: end, hasDoubledQuotes: hasDoubledQuotes,
      textAfterQuote: end > at + 1 ? at + 1 : nil)
  }

  private func next(_ separator: UInt8, from start: Int, recordEnd: Int) -> Int {
    var at = start
    while at < recordEnd, self[at] != separator { at += 1 }
    return at
  }
}
