import Synchronization
import TaskModel

// A result as a table: pages of it in any order, without a copy of it in memory.
//
// One pass over the file notes where each 64th row begins, and of each row its plays and the number of its date: 16 bytes
// with what an order takes. So a page is a few small reads, and a sort is one of numbers. From `mostSorted` rows on that would
// be too much memory for something that only a person at a page wants: such a result is paged in its own order, for
// which the places are enough.

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
  }

  /// Sorted by the bytes of the date; nil where there are too many different ones.
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
  static let mostDates = 100_000
  private static let stride = 64
  private static let topSongs = 50

  private let content: OutboxContent
  /// Of each 64th row.
  private let places: [Int64]
  let count: Int
  /// Empty where there are too many rows.
  private let plays: [Int64]
  /// Of each row, the rank of its date; empty where there are too many rows or dates.
  private let dates: [UInt32]
  let chart: ResultChart
  private let orders = Mutex<[TableQuestion.Column: [UInt32]]>([:])

  init(_ content: OutboxContent) throws {
    self.content = content
    var scan = Scan()
    var rows = ResultRows(content, from: 0)
    try rows.skipHeader()
    while let line = try rows.next() { scan.add(line) }
    places = scan.places
    count = scan.count
    plays = scan.isSortable ? scan.plays : []
    let ranks = scan.dateRanks()
    dates = scan.isSortable && scan.hasDates ? scan.dates.map { ranks[Int($0)] } : []
    chart = scan.chart()
  }

  func page(_ question: TableQuestion) throws -> TablePage {
    var order = try order(by: question.column)
    if let text = question.songContains, !text.isEmpty {
      order = try search(text, within: order)
    }
    let total = order?.count ?? count
    let first = min(max(0, question.offset), total)
    let last = min(first + max(0, question.limit), total)
    let wanted = (first..<last).map { index in
      let place = question.isDescending ? total - 1 - index : index
      return order.map { Int($0[place]) } ?? place
    }
    return TablePage(total: total, rows: try rows(wanted))
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
      guard dates.count == count else { throw ResultError.tooManyDates(most: Self.mostDates) }
      order.sort { (dates[Int($0)], $0) < (dates[Int($1)], $1) }
    }
    orders.withLock { $0[column] = order }
    return order
  }

  private func search(_ text: String, within order: [UInt32]?) throws -> [UInt32] {
    guard count <= Self.mostSorted else { throw ResultError.tooManyRows(most: Self.mostSorted) }
    let wanted = text.utf8.map(\.asciiLowercased)
    var isFound = [Bool](repeating: false, count: count)
    var rows = ResultRows(content, from: 0)
    try rows.skipHeader()
    var number = 0
    while let line = try rows.next() {
      // Quotes inside are doubled in the file.
      let song =
        line.song.first == UInt8(ascii: "\"")
        ? Array(ResultRows.text(line.song).utf8)[...] : line.song
      // The file is longer than it was when the table was made of it.
      guard number < count else {
        throw ResultError.malformed(content.name.shown, offset: content.size)
      }
      isFound[number] = song.containsASCIIFolded(wanted)
      number += 1
    }
    return (order ?? Array(0..<UInt32(count))).filter { isFound[Int($0)] }
  }

  /// Those rows, in that order.
  private func rows(_ numbers: [Int]) throws -> [ResultRow] {
    var found: [ResultRow] = []
    var reader: (next: Int, rows: ResultRows)?
    for number in numbers {
      if reader?.next != number {
        let block = number / Self.stride
        let isSequence =
          numbers.count > 1 && numbers[numbers.count - 1] - numbers[0] == numbers.count - 1
        var rows = ResultRows(
          content, from: places[block], pieceSize: isSequence ? 64 << 10 : 8 << 10)
        for _ in 0..<(number % Self.stride) { _ = try rows.next() }
        reader = (number, rows)
      }
      guard let line = try reader?.rows.next() else {
        throw ResultError.malformed(content.name.shown, offset: content.size)
      }
      found.append(line.row)
      reader?.next = number + 1
    }
    return found
  }

  /// What the one pass gathers.
  private struct Scan {
    var places: [Int64] = []
    var count = 0
    var plays: [Int64] = []
    var dates: [UInt32] = []
    var isSortable: Bool { count <= ResultTable.mostSorted }
    var hasDates = true
    private var dateNumbers: [String: UInt32] = [:]
    private var dateSums: [Int128] = []
    private var song: [UInt8]?
    private var songSum: Int128 = 0
    private var songCount = 0
    private var top: [(name: String, sum: Int128)] = []

    mutating func add(_ line: ResultRows.Line) {
      if count % ResultTable.stride == 0 { places.append(line.offset) }
      count += 1
      if isSortable {
        plays.append(line.plays)
      } else if !plays.isEmpty {
        (plays, dates) = ([], [])
      }
      addDate(line)
      // The file is sorted by song.
      if song.map({ line.song == $0[...] }) != true {
        endSong()
        song = Array(line.song)
        songCount += 1
      }
      songSum += Int128(line.plays)
    }

    private mutating func addDate(_ line: ResultRows.Line) {
      guard hasDates else { return }
      let text = ResultRows.text(line.date)
      let number: UInt32
      if let known = dateNumbers[text] {
        number = known
        dateSums[Int(known)] += Int128(line.plays)
      } else if dateSums.count < ResultTable.mostDates {
        number = UInt32(dateSums.count)
        dateNumbers[text] = number
        dateSums.append(Int128(line.plays))
      } else {
        hasDates = false
        (dates, dateNumbers, dateSums) = ([], [:], [])
        return
      }
      if isSortable { dates.append(number) }
    }

    private mutating func endSong() {
      defer { songSum = 0 }
      guard let song else { return }
      if top.count == ResultTable.topSongs, let least = top.last, least.sum >= songSum { return }
      let place = top.firstIndex { $0.sum < songSum } ?? top.count
      top.insert((ResultRows.text(song[...]), songSum), at: place)
      if top.count > ResultTable.topSongs { top.removeLast() }
    }

    private var sortedDates: [(name: String, number: UInt32)] {
      dateNumbers.map { ($0.key, $0.value) }
        .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }

    /// By number of date.
    func dateRanks() -> [UInt32] {
      var ranks = [UInt32](repeating: 0, count: dateSums.count)
      for (rank, date) in sortedDates.enumerated() { ranks[Int(date.number)] = UInt32(rank) }
      return ranks
    }

    mutating func chart() -> ResultChart {
      endSong()
      song = nil
      let sums = sortedDates.map { date in
        ResultChart.Sum(name: date.name, plays: dateSums[Int(date.number)])
      }
      return ResultChart(
        dates: hasDates ? sums : nil,
        songs: top.map { ResultChart.Sum(name: $0.name, plays: $0.sum) }, songCount: songCount,
        rows: count)
    }
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
