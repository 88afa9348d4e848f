import TaskModel

/// A row of a result.
package struct ResultRow: Hashable, Sendable, Encodable {
  package let song: String
  package let date: String
  package let plays: Int64
  /// How many bytes the whole has, where only the beginning of it stands here.
  package var songBytes: Int64?
  package var dateBytes: Int64?

  private typealias CodingKeys = PlaysKeys
}

/// The keys of a sum of plays, in a result or across all of them.
enum PlaysKeys: String, CodingKey {
  case song
  case date
  case plays
  case songBytes = "song_bytes"
  case dateBytes = "date_bytes"
}

/// Takes a result file apart, as it comes: three fields a line, quoted where they hold a comma, a quote or a line end,
/// as `CSVWriter` wrote them.
///
/// The memory is that of two pieces, however long a line is: of one that does not fit, the beginnings of the fields are
/// kept, and their places in the file. Not for files of others: those are `CSV.PlaysReader`'s.
struct ResultRows {
  struct Line {
    let song: ResultField
    let date: ResultField
    let plays: Int64
    /// Of its first byte, in the file.
    let offset: Int64

    /// As it is shown: of long fields the beginning.
    var shown: ResultRow {
      let (song, date) = (song.shown, date.shown)
      return ResultRow(
        song: song.text, date: date.text, plays: plays, songBytes: song.bytes,
        dateBytes: date.bytes)
    }
  }

  static let piece = 256 << 10

  private let content: OutboxContent
  private let stop: PassStop
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
  ///   - stop: Asked at each piece.
  init(_ content: OutboxContent, from offset: Int64, pieceSize: Int = piece, stop: PassStop) {
    self.content = content
    self.pieceSize = pieceSize
    self.stop = stop
    end = offset
  }

  /// The next row; nil at the end of the file.
  ///
  /// - Throws: `ResultError.malformed` for a line that is none of ours, `CancellationError`.
  mutating func next() throws -> Line? {
    while true {
      let start = end - Int64(buffer.count)
      if let (fields, lineEnd) = Self.cut(buffer) {
        let base = start - Int64(buffer.startIndex)
        defer { buffer = buffer[lineEnd...] }
        return Line(
          song: ResultField(fields.song, place: base + fields.song.indices),
          date: ResultField(fields.date, place: base + fields.date.indices),
          plays: try plays(fields.plays, of: start), offset: start)
      }
      if buffer.count >= Self.piece { return try longLine(from: start) }
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
      guard buffer.count < Self.piece, try fill() else {
        throw ResultError.malformed(content.name.shown, offset: 0)
      }
    }
  }

  private func plays(_ digits: ArraySlice<UInt8>, of start: Int64) throws -> Int64 {
    guard let plays = Int64(String(decoding: digits, as: UTF8.self)) else {
      throw ResultError.malformed(content.name.shown, offset: start)
    }
    return plays
  }

  private mutating func fill() throws -> Bool {
    try stop.check()
    // As much again as there is: a line is gone through a few times, not once for each piece.
    let piece = try content.read(at: end, count: max(pieceSize, buffer.count))
    end += Int64(piece.count)
    buffer = buffer.isEmpty ? piece[...] : (Array(buffer) + piece)[...]
    return !piece.isEmpty
  }

  /// A line that does not fit into the buffer, gone through from its beginning in the file.
  private mutating func longLine(from start: Int64) throws -> Line {
    var line = LongLine(start)
    var place = start
    while true {
      try stop.check()
      let piece = try content.read(at: place, count: Self.piece)
      guard !piece.isEmpty else { throw ResultError.malformed(content.name.shown, offset: start) }
      guard let used = line.read(piece) else {
        place += Int64(piece.count)
        continue
      }
      (buffer, end) = (piece[used...], place + Int64(piece.count))
      let digits = line.fields[2].bytes
      return Line(
        song: line.fields[0].field, date: line.fields[1].field,
        plays: try plays(digits.last == 13 ? digits.dropLast() : digits[...], of: start),
        offset: start)
    }
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

  /// What is known of a long line as far as it was read.
  private struct LongLine {
    struct Part {
      var bytes: [UInt8] = []
      var start: Int64
      var count: Int64 = 0
      var quotes: Int64 = 0

      var field: ResultField {
        ResultField(bytes[...], place: start..<(start + count), quotes: quotes)
      }
    }

    private(set) var fields: [Part]
    private var isQuoted = false

    init(_ start: Int64) { fields = [Part(start: start)] }

    /// - Returns: How many bytes of the piece belong to the line; nil where all do, and more.
    mutating func read(_ piece: [UInt8]) -> Int? {
      var part = fields.removeLast()
      defer { fields.append(part) }
      for (index, byte) in piece.enumerated() {
        if byte == ResultRows.quote {
          isQuoted.toggle()
          part.quotes += 1
        } else if byte == ResultRows.comma, !isQuoted, fields.count < 2 {
          let next = part.start + part.count + 1
          fields.append(part)
          part = Part(start: next)
          continue
        } else if byte == 10, fields.count == 2 {
          return index + 1
        }
        if part.bytes.count < ResultField.longestKept { part.bytes.append(byte) }
        part.count += 1
      }
      return nil
    }
  }
}

extension Int64 {
  /// A range of places in memory as one of the file.
  fileprivate static func + (base: Int64, indices: Range<Int>) -> Range<Int64> {
    (base + Int64(indices.lowerBound))..<(base + Int64(indices.upperBound))
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
      "a result of more than \(most) different dates, or of very long ones, is not sorted by date,"
        + " and has no chart of them"
    }
  }
}
