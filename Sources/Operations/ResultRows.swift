import TaskModel

/// A row of a result.
package struct ResultRow: Hashable, Sendable, Encodable {
  package let song: String
  package let date: String
  package let plays: Int64
}

/// Takes a result file apart, as it comes: three fields a line, quoted where they hold a comma, a quote or a line end,
/// as `CSVWriter` wrote them.
///
/// Not for files of others: those are `CSV.PlaysReader`'s.
struct ResultRows {
  /// A row as it stands in the file, undone of quotes only where it has some.
  struct Line {
    let song: ArraySlice<UInt8>
    let date: ArraySlice<UInt8>
    let plays: Int64
    /// Of its first byte, in the file.
    let offset: Int64

    var row: ResultRow {
      ResultRow(song: ResultRows.text(song), date: ResultRows.text(date), plays: plays)
    }
  }

  private let content: OutboxContent
  private var buffer: ArraySlice<UInt8> = []
  /// In the file, of what follows the buffer.
  private var end: Int64
  private let pieceSize: Int

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")

  /// - Parameters:
  ///   - content: A result.
  ///   - offset: Where a line begins; 0 is that of the header.
  ///   - pieceSize: How much is read at once.
  init(_ content: OutboxContent, from offset: Int64, pieceSize: Int = 256 << 10) {
    self.content = content
    self.pieceSize = pieceSize
    end = offset
  }

  /// The next row; nil at the end of the file.
  ///
  /// - Throws: `ResultError.malformed` for a line that is none of ours.
  mutating func next() throws -> Line? {
    while true {
      let start = end - Int64(buffer.count)
      if let (fields, lineEnd) = Self.cut(buffer) {
        defer { buffer = buffer[lineEnd...] }
        guard let plays = Int64(String(decoding: fields.plays, as: UTF8.self)) else {
          throw ResultError.malformed(content.name.shown, offset: start)
        }
        return Line(song: fields.song, date: fields.date, plays: plays, offset: start)
      }
      guard try fill() else {
        if buffer.isEmpty { return nil }
        throw ResultError.malformed(content.name.shown, offset: start)
      }
    }
  }

  /// Passes over the next line, whatever is in it.
  mutating func skipHeader() throws {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        buffer = buffer[(end + 1)...]
        return
      }
      guard try fill() else { throw ResultError.malformed(content.name.shown, offset: 0) }
    }
  }

  private mutating func fill() throws -> Bool {
    // As much again as there is: a long line is gone through a few times, not once for each piece.
    let piece = try content.read(at: end, count: max(pieceSize, buffer.count))
    end += Int64(piece.count)
    buffer = buffer.isEmpty ? piece[...] : (Array(buffer) + piece)[...]
    return !piece.isEmpty
  }

  /// The fields of the line at the front, and where the next one begins; nil where the line is not whole.
  private static func cut(
    _ bytes: ArraySlice<UInt8>
  ) -> (
    fields: (song: ArraySlice<UInt8>, date: ArraySlice<UInt8>, plays: ArraySlice<UInt8>), end: Int
  )? {
    guard let songEnd = fieldEnd(bytes, from: bytes.startIndex),
      let dateEnd = fieldEnd(bytes, from: songEnd + 1)
    else { return nil }
    var place = dateEnd + 1
    while place < bytes.endIndex, bytes[place] != 10 { place += 1 }
    guard place < bytes.endIndex else { return nil }
    let playsEnd = place > dateEnd + 1 && bytes[place - 1] == 13 ? place - 1 : place
    return (
      (
        bytes[bytes.startIndex..<songEnd], bytes[(songEnd + 1)..<dateEnd],
        bytes[(dateEnd + 1)..<playsEnd]
      ), place + 1
    )
  }

  /// Where the comma behind a field is; nil where it has not come.
  private static func fieldEnd(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
    guard start < bytes.endIndex else { return nil }
    var place = start
    var isQuoted = false
    while place < bytes.endIndex {
      let byte = bytes[place]
      if byte == quote {
        isQuoted.toggle()
      } else if byte == comma, !isQuoted {
        return place
      }
      place += 1
    }
    return nil
  }

  static func text(_ field: ArraySlice<UInt8>) -> String {
    guard field.first == quote else { return String(decoding: field, as: UTF8.self) }
    var plain: [UInt8] = []
    var isDoubled = false
    for byte in field.dropFirst().dropLast() {
      // Of two quotes, the second is left out.
      isDoubled = byte == quote && !isDoubled
      if byte != quote || isDoubled { plain.append(byte) }
    }
    return String(decoding: plain, as: UTF8.self)
  }
}

/// Why a result is not shown as a table.
package enum ResultError: Error, CustomStringConvertible {
  case malformed(String, offset: Int64)
  case tooManyRows(most: Int)
  case tooManyDates(most: Int)

  package var description: String {
    switch self {
    case .malformed(let name, let offset):
      "\(name) is no result as watchd writes them, from byte \(offset) on"
    case .tooManyRows(let most):
      "a result of more than \(most) rows is sorted by song only, and not searched; download it"
    case .tooManyDates(let most):
      "a result of more than \(most) different dates is not sorted by date, and has no chart of them"
    }
  }
}
