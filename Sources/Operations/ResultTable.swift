import Synchronization
import TaskModel

// A result as a table: pages of it in any order, without a copy of it in memory.
//
// One pass over the file notes where each 64th row begins, and of each row its plays and the number of its date: 16 bytes
// with what an order takes. So a page is a few small reads, and a sort is one of numbers. From `mostSorted` rows on that would
// be too much memory for something that only a person at a page wants: such a result is paged in its own order, for
// which the places are enough. Of songs and dates only the beginning is ever kept and shown (`ResultField`): one of
// 16 MiB is a legal one.

/// The order and the part of a result that somebody wants to see.
package struct TableQuestion: Hashable, Sendable {
  package enum Column: String, Sendable, CaseIterable {
    case song
    case date
    case plays
  }

  package var column = Column.song
  package var isDescending = false
  /// Only songs with this text in them; A to Z are a to z.
  package var songContains: String?
  package var offset = 0
  package var limit = 100

  package init() {}
}

/// A page of a result.
package struct TablePage: Sendable, Encodable {
  /// Of the rows that fit the question, on all pages.
  package let total: Int
  package let rows: [ResultRow]
}

/// What of a result can be drawn.
package struct ResultChart: Sendable, Encodable {
  package struct Sum: Sendable, Encodable {
    package let name: String
    package let plays: Int128
    /// How many bytes the whole name has, where only the beginning of it stands here.
    package var nameBytes: Int64?

    private enum CodingKeys: String, CodingKey {
      case name
      case plays
      case nameBytes = "name_bytes"
    }
  }

  /// Sorted by the bytes of the date; nil where there are too many different ones, or very long ones.
  package let dates: [Sum]?
  /// Those with the most plays, the largest first.
  package let songs: [Sum]
  /// How many different ones there are.
  package let songCount: Int
  package let rows: Int

  private enum CodingKeys: String, CodingKey {
    case dates
    case songs
    case songCount = "song_count"
    case rows
  }
}

/// A result that was read through once; safe to ask from several threads.
final class ResultTable: Sendable {
  static let mostSorted = 2_000_000

  private let content: OutboxContent
  private let places: [ResultScan.Place]
  let count: Int
  /// Empty where there are too many rows.
  private let plays: [Int64]
  /// Of each row, the rank of its date; empty where there are too many rows or dates.
  private let dates: [UInt32]
  let chart: ResultChart
  private let orders = Mutex<[TableQuestion.Column: [UInt32]]>([:])

  init(_ content: OutboxContent, stop: PassStop) throws {
    self.content = content
    let scan = try ResultScan(content, stop)
    places = scan.places
    count = scan.count
    plays = scan.isSortable ? scan.plays : []
    let ranks = scan.dateRanks()
    dates = scan.isSortable && scan.hasDates ? scan.dates.map { ranks[Int($0)] } : []
    chart = scan.chart
  }

  /// About how much it takes, in bytes, with both orders.
  var memory: Int {
    16 * places.count + 16 * plays.count + 4 * dates.count
      + (chart.dates ?? chart.songs).reduce(0) { $0 + 64 + $1.name.utf8.count }
  }

  /// Whether a page is a few reads and no more.
  func isBrief(_ question: TableQuestion) -> Bool {
    question.songContains?.isEmpty ?? true
      && (question.column == .song || orders.withLock { $0[question.column] } != nil)
  }

  func page(_ question: TableQuestion, stop: PassStop) throws -> TablePage {
    var order = try order(by: question.column)
    if let text = question.songContains, !text.isEmpty {
      order = try search(text, within: order, stop)
    }
    let total = order?.count ?? count
    let first = min(max(0, question.offset), total)
    let last = min(first + max(0, question.limit), total)
    let wanted = (first..<last).map { index in
      let place = question.isDescending ? total - 1 - index : index
      return order.map { Int($0[place]) } ?? place
    }
    return TablePage(total: total, rows: try rows(wanted, stop))
  }

  /// The rows in an order; nil for that of the file.
  private func order(by column: TableQuestion.Column) throws -> [UInt32]? {
    if column == .song { return nil }
    if let known = orders.withLock({ $0[column] }) { return known }
    guard count <= Self.mostSorted else { throw ResultError.tooManyRows(most: Self.mostSorted) }
    var order = Array(0..<UInt32(count))
    // Rows of one value keep the order of the file.
    if column == .plays {
      order.sort { (plays[Int($0)], $0) < (plays[Int($1)], $1) }
    } else {
      guard dates.count == count else { throw ResultError.tooManyDates(most: ResultScan.mostDates) }
      order.sort { (dates[Int($0)], $0) < (dates[Int($1)], $1) }
    }
    orders.withLock { $0[column] = order }
    return order
  }

  private func search(
    _ text: String, within order: [UInt32]?, _ stop: PassStop
  ) throws -> [UInt32] {
    guard count <= Self.mostSorted else { throw ResultError.tooManyRows(most: Self.mostSorted) }
    let wanted = text.utf8.map(\.asciiLowercased)
    var isFound = [Bool](repeating: false, count: count)
    var rows = ResultRows(content, from: 0, stop: stop)
    try rows.skipHeader()
    var number = 0
    while let line = try rows.next() {
      // The file is longer than it was when the table was made of it.
      guard number < count else {
        throw ResultError.malformed(content.name.shown, offset: content.size)
      }
      isFound[number] = try contains(line.song, wanted, stop)
      number += 1
    }
    return (order ?? Array(0..<UInt32(count))).filter { isFound[Int($0)] }
  }

  private func contains(_ song: ResultField, _ wanted: [UInt8], _ stop: PassStop) throws -> Bool {
    // Quotes inside are doubled in the file.
    if song.isWhole, song.bytes.first != UInt8(ascii: "\"") {
      return song.bytes.containsASCIIFolded(wanted)
    }
    var text = ResultText(song, of: content)
    var before: [UInt8] = []
    while let piece = try text.next() {
      try stop.check()
      let window = before + piece
      if window[...].containsASCIIFolded(wanted) { return true }
      before = Array(window.suffix(wanted.count - 1))
    }
    return false
  }

  /// Those rows, in that order.
  private func rows(_ numbers: [Int], _ stop: PassStop) throws -> [ResultRow] {
    var found: [ResultRow] = []
    var reader: (next: Int, rows: ResultRows)?
    for number in numbers {
      if reader?.next != number {
        let place = place(before: number)
        let isSequence =
          numbers.count > 1 && numbers[numbers.count - 1] - numbers[0] == numbers.count - 1
        var rows = ResultRows(
          content, from: place.offset, pieceSize: isSequence ? 64 << 10 : 8 << 10, stop: stop)
        for _ in place.row..<number { _ = try rows.next() }
        reader = (number, rows)
      }
      guard let line = try reader?.rows.next() else {
        throw ResultError.malformed(content.name.shown, offset: content.size)
      }
      found.append(line.shown)
      reader?.next = number + 1
    }
    return found
  }

  /// The last place that is not behind a row; the first row is always one.
  private func place(before row: Int) -> ResultScan.Place {
    var (low, high) = (0, places.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if places[middle].row <= row { low = middle } else { high = middle }
    }
    return places[low]
  }
}

extension UInt8 {
  fileprivate var asciiLowercased: UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
  }
}

extension ArraySlice<UInt8> {
  /// `wanted` is in lower case.
  fileprivate func containsASCIIFolded(_ wanted: [UInt8]) -> Bool {
    guard let first = wanted.first else { return true }
    guard count >= wanted.count else { return false }
    for start in startIndex...(endIndex - wanted.count) where self[start].asciiLowercased == first {
      var place = 1
      while place < wanted.count, self[start + place].asciiLowercased == wanted[place] {
        place += 1
      }
      if place == wanted.count { return true }
    }
    return false
  }
}
