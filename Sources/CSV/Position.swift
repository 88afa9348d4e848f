/// A place in the file, for a person with an editor and for a script with `dd`.
package struct Position: Hashable, Sendable {
  /// Physical line, from 1: LF, CRLF and CR each end one, inside quotes too.
  package var line: Int
  /// Unicode scalar within that line, from 1; a byte that is not UTF-8 counts as one.
  ///
  /// The byte-order mark does not count, because editors do not show it.
  package var column: Int
  /// Byte in the file, from 0, the byte-order mark counted.
  package var byte: Int

  package init(line: Int, column: Int, byte: Int) {
    self.line = line
    self.column = column
    self.byte = byte
  }

  /// The same place, where so many more lines lie before it.
  package func movedDown(by lines: Int) -> Position {
    Position(line: line + lines, column: column, byte: byte)
  }
}

extension Position {
  /// The position of `offset`, found by walking there from `recordStart`, which is on `line`.
  ///
  /// A record begins where a line begins, so that nothing before it need be known but its line. The
  /// first byte of `bytes` is byte `base` of the file.
  init(of offset: Int, in bytes: Bytes, recordStart: Int, line: Int, base: Int) {
    self.init(line: line, column: 1, byte: base + offset)
    var at = recordStart
    while at < offset {
      let byte = bytes[at]
      if byte == .lineFeed || (byte == .carriageReturn && bytes[at + 1] != .lineFeed) {
        self.line += 1
        column = 1
        at += 1
      } else if case .scalar(let length) = UTF8Check.sequence(at: at, in: bytes) {
        // The CR of a CRLF counts as a column here; the LF after it sets the column back.
        column += 1
        at += length
      } else {
        column += 1
        at += 1
      }
    }
  }
}

extension Bytes {
  /// How many line ends a range holds; CRLF is one.
  ///
  /// The byte after the range must not be the LF of a
  /// CR that ends it, which holds for records: they end outside quotes.
  func lineEnds(in range: Range<Int>) -> Int {
    var ends = 0
    for offset in range {
      let byte = self[offset]
      let isCRLF =
        byte == .lineFeed && offset > range.lowerBound && self[offset - 1] == .carriageReturn
      if byte.endsLine && !isCRLF { ends += 1 }
    }
    return ends
  }
}
