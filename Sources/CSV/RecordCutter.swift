/// Finds where a buffer of records can be cut between two of them, so that each piece can be read by itself,
/// by whichever thread.
///
/// Exact, not guessed: a line end may lie inside quotes, and whether it does depends on all quotes before
/// it, from one to the next of which the search steps. It is for what `FieldEnds` cannot look through, and keeps to the
/// rule of `RecordScan`: a quote opens a field only where the field begins with it. Who changes that rule changes all
/// three.
package struct RecordCutter: Sendable {
  private let separator: UInt8
  /// What lies outside quotes, in order; kept for its memory.
  private var outside: [Range<Int>] = []

  package init(separator: UInt8) {
    self.separator = separator
  }

  /// The offset behind the last line end that ends a record, or nil where no record ends.
  ///
  /// A CR that is the buffer's last byte does not count, for an LF may follow that belongs to it.
  ///
  /// - Parameters:
  ///   - buffer: Begins at the beginning of a record, or at a blank line; it is not changed.
  ///   - limit: How many of its bytes are looked at, from the first on.
  /// - Returns: The offset, or nil.
  package mutating func lastRecordEnd(
    in buffer: inout MutableSpan<UInt8>, upTo limit: Int
  ) -> Int? {
    unsafe buffer.withUnsafeMutableBufferPointer { pointer in
      lastRecordEnd(unsafe Bytes(UnsafeMutableBufferPointer(rebasing: pointer[..<limit])))
    }
  }

  /// The offset behind the first line end that ends a record, or nil where no record ends.
  ///
  /// - Parameter buffer: As for `lastRecordEnd`.
  /// - Returns: The offset, or nil.
  package mutating func firstRecordEnd(in buffer: inout MutableSpan<UInt8>) -> Int? {
    unsafe buffer.withUnsafeMutableBufferPointer { pointer in
      let bytes = unsafe Bytes(pointer)
      findOutside(bytes)
      for range in outside {
        if let end = range.first(where: { endsRecord($0, bytes) }) { return end + 1 }
      }
      return nil
    }
  }

  /// True for the last byte of a line end: not for the CR of a CRLF, nor for one behind which an LF may come.
  private func endsRecord(_ offset: Int, _ bytes: Bytes) -> Bool {
    let byte = bytes[offset]
    if byte == .lineFeed { return true }
    guard byte == .carriageReturn, offset + 1 < bytes.count else { return false }
    return bytes[offset + 1] != .lineFeed
  }

  private mutating func lastRecordEnd(_ bytes: Bytes) -> Int? {
    findOutside(bytes)
    for range in outside.reversed() {
      if let end = lastLineEnd(in: range, of: bytes) { return end + 1 }
    }
    return nil
  }

  private mutating func findOutside(_ bytes: Bytes) {
    outside.removeAll(keepingCapacity: true)
    var start = 0
    var at = 0
    while let quote = bytes.nextQuote(from: at) {
      at = quote + 1
      guard quote == 0 || opensField(after: bytes[quote - 1]) else { continue }
      outside.append(start..<quote)
      guard let closing = closingQuote(from: at, bytes) else { return }
      at = closing + 1
      start = at
    }
    outside.append(start..<bytes.count)
  }

  private func opensField(after byte: UInt8) -> Bool { byte == separator || byte.endsLine }

  /// Nil where the buffer ends before it is known to be closed.
  private func closingQuote(from start: Int, _ bytes: Bytes) -> Int? {
    var at = start
    while let quote = bytes.nextQuote(from: at), quote + 1 < bytes.count {
      if bytes[quote + 1] != .quote { return quote }
      at = quote + 2
    }
    return nil
  }

  private func lastLineEnd(in range: Range<Int>, of bytes: Bytes) -> Int? {
    var at = range.upperBound - 1
    while at >= range.lowerBound {
      let byte = bytes[at]
      if byte == .lineFeed || (byte == .carriageReturn && at + 1 < bytes.count) { return at }
      at -= 1
    }
    return nil
  }
}

extension Bytes {
  /// The first quote from an offset on.
  fileprivate func nextQuote(from start: Int) -> Int? {
    let quotes = Word.filled(with: .quote)
    var at = start
    // Most quotes are near, or there are none at all: one word first, then four at a time.
    while at + 8 <= count {
      let found = Word.zeros(word(at: at) ^ quotes)
      if found != 0 { return at + found.trailingZeroBitCount >> 3 }
      at += 8
      while at + 32 <= count {
        let (a, b) = (word(at: at) ^ quotes, word(at: at + 8) ^ quotes)
        let (c, d) = (word(at: at + 16) ^ quotes, word(at: at + 24) ^ quotes)
        // A byte of zero borrows: a highest bit that was not there shows that there is one.
        let zeros =
          ((a &- Word.ones) & ~a) | ((b &- Word.ones) & ~b) | ((c &- Word.ones) & ~c)
          | ((d &- Word.ones) & ~d)
        if zeros & Word.highs != 0 { break }
        at += 32
      }
    }
    while at < count {
      if self[at] == .quote { return at }
      at += 1
    }
    return nil
  }
}
