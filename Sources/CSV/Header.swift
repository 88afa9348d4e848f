/// What the first record of a file said.
package struct Header: Hashable, Sendable {
  /// How the columns were found: by their names, or the first three for want of the names.
  package enum Columns: Hashable, Sendable {
    case byName
    case byPosition
  }

  /// Comma, semicolon, tab or vertical bar, for the whole file.
  package let separator: UInt8
  package let columns: Columns
  /// How many columns the header has; a record may have fewer, as long as it has the needed ones.
  package let columnCount: Int
  /// Indices of the columns, from 0.
  package let songColumn: Int
  package let dateColumn: Int
  package let playsColumn: Int

  package init(
    separator: UInt8, columns: Columns, columnCount: Int, songColumn: Int, dateColumn: Int,
    playsColumn: Int
  ) {
    self.separator = separator
    self.columns = columns
    self.columnCount = columnCount
    self.songColumn = songColumn
    self.dateColumn = dateColumn
    self.playsColumn = playsColumn
  }

  /// Song, date, plays, and nothing else.
  var isUsual: Bool { columnCount == 3 && songColumn == 0 && dateColumn == 1 && playsColumn == 2 }

  /// How many columns a record needs at least.
  var neededColumns: Int { max(songColumn, dateColumn, playsColumn) + 1 }
}

/// The separators that a header may show, in the order in which they are tried.
enum SeparatorTrial {
  /// Each is taken where the header, read with it, has at least so many of it outside quotes; the
  /// last one always.
  static let order: [(separator: UInt8, least: Int)] = [
    (.comma, 1), (UInt8(ascii: ";"), 2), (.tab, 2), (UInt8(ascii: "|"), 2), (.comma, 0),
  ]
}

/// The header's fields looked through once, with no memory a field.
struct HeaderFields {
  private static let names = ["song", "date", "number of plays"].map { Array($0.utf8) }

  private(set) var count = 0
  /// Columns of song, date and plays.
  private(set) var named: [Int?] = [nil, nil, nil]
  /// The first field whose name another one has already.
  private(set) var repeated: Field?
  /// The third field, where it is a number.
  private(set) var number: Field?
  private(set) var textAfterQuote: Int?

  init(_ record: Range<Int>, of bytes: Bytes, separator: UInt8) {
    var at = record.lowerBound
    repeat {
      let field = bytes.field(from: at, recordEnd: record.upperBound, separator: separator)
      if textAfterQuote == nil { textAfterQuote = field.textAfterQuote }
      for (index, name) in Self.names.enumerated() where bytes.holds(name, in: field.content) {
        if named[index] != nil && repeated == nil { repeated = field }
        named[index] = count
      }
      if count == 2, WholeNumber(field.content, of: bytes) != .notWhole { number = field }
      count += 1
      at = field.end + 1
    } while at <= record.upperBound
  }
}

extension Bytes {
  /// True where a range is a name (given in lower case) in any ASCII case, spaces and tabs around
  /// it aside.
  fileprivate func holds(_ name: [UInt8], in range: Range<Int>) -> Bool {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, self[start] == .space || self[start] == .tab { start += 1 }
    while start < end, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
    guard end - start == name.count else { return false }
    return name.indices.allSatisfy { index in
      let byte = self[start + index]
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      return (isUpper ? byte | 0x20 : byte) == name[index]
    }
  }
}
