import TestSupport
import Testing

@testable import Tally

struct OracleTests {
  private static let hashSeeds: [UInt64] = [0, 1, .max, 0xA076_1D64_78BD_642F]

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64], hashSeeds)
  func `random rows give the groups of a plain dictionary`(seed: UInt64, hashSeed: UInt64) throws {
    let rows = randomRows(1500, songs: 50, dates: 20, seed: seed)
    let tally = try SortedTally(reading: rows, seed: hashSeed)
    #expect(tally.groupList() == expectedGroups(of: rows))
    #expect(tally.rowCount == rows.count)
    #expect(tally.playsSum == rows.reduce(0) { $0 + Int128($1.plays) })
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `groups that come again and again, whose sums are guessed, are exact`(seed: UInt64) throws {
    let rows = randomRows(12_000, songs: 12, dates: 9, seed: seed)
    let tally = try SortedTally(reading: rows)
    #expect(tally.groupList() == expectedGroups(of: rows))
    #expect(tally.playsSum == rows.reduce(0) { $0 + Int128($1.plays) })
  }

  @Test func `groups that begin, end and are as long alike are told apart`() throws {
    var rows: [Row] = []
    for index in 0..<6000 {
      let middle = String(UnicodeScalar(UInt8(97 + index % 5)))
      rows.append(Row("a song of \(middle) or so, but not quite", "2024-01-01", Int64(index)))
      rows.append(Row("ab", "c\(middle)", 1))
      rows.append(Row("abc", "\(middle)", 1))
    }
    #expect(try SortedTally(reading: rows).groupList() == expectedGroups(of: rows))
  }

  /// Few of them make a table, most of them an array, and an array is outgrown by a date far behind.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `songs of few dates and of nearly all are found again, in whatever order they come`(
    seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    var rows: [Row] = []
    for date in 0..<900 {
      for song in 0..<8 where Int.random(in: 0..<8, using: &random) >= song {
        rows.append(Row("song \(song)", "\(date)", Int64.random(in: -5...5, using: &random)))
      }
    }
    for rows in [rows, rows.reversed(), rows.shuffled(using: &random), rows + rows] {
      let tally = try SortedTally(reading: rows)
      #expect(tally.groupList() == expectedGroups(of: rows))
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `shuffled rows give the same groups`(seed: UInt64) throws {
    let rows = randomRows(2000, songs: 40, dates: 20, seed: seed)
    var random = SeededGenerator(seed: seed)
    let shuffled = try SortedTally(reading: rows.shuffled(using: &random)).groupList()
    #expect(try SortedTally(reading: rows).groupList() == shuffled)
  }

  @Test func `more groups than the table began with are all found again`() throws {
    let rows = (0..<5000).map { Row("song \($0)", "2024-01-01", Int64($0)) }
    let tally = try SortedTally(reading: rows + rows)
    #expect(tally.groupCount == 5000)
    #expect(tally.groupList() == expectedGroups(of: rows + rows))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `keeping rows gives back every row, group by group in order`(seed: UInt64) throws {
    let rows = randomRows(3000, songs: 30, dates: 10, seed: seed)
    let tally = try SortedTally(reading: rows, keep: .rows)
    let kept = tally.rowList()
    let order = { (left: Row, right: Row) in (left.key, left.plays) < (right.key, right.plays) }
    #expect(kept.sorted(by: order) == rows.sorted(by: order))
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.key <= $1.key })
    #expect(tally.groupList() == expectedGroups(of: rows))
  }

  /// Songs of one row, of many on one date, and of many dates, side by side: each is given in a way of its own.
  @Test(arguments: [1, 20, 100, 1000, 20_000], [1, 2] as [UInt64])
  func `rows that are kept come the latest first, wherever a block of them ends`(
    blockLimit: Int, seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    var rows: [Row] = []
    for song in 0..<150 {
      for date in 0..<[1, 1, 1, 2, 70][song % 5] {
        let count = Bool.random(using: &random) ? 1 : Int.random(in: 1...40, using: &random)
        rows += (0..<count).map { _ in Row("song \(song)", "day \(date)", 0) }
      }
    }
    rows.shuffle(using: &random)
    rows = rows.enumerated().map { Row($1.key, Int64($0)) }
    let kept = try SortedTally(reading: rows, keep: .rows).rowList(blockLimit: blockLimit)
    #expect(kept == rows.sorted { ($0.key, $1.plays) < ($1.key, $0.plays) })
  }

  @Test(arguments: [Tally.Keep.totals, .rows])
  func `a block is never larger than one long row makes it`(keep: Tally.Keep) throws {
    let songs = (0..<20).map { String(repeating: "long", count: 1000) + "\($0)" }
    let tally = try SortedTally(reading: songs.map { Row($0, "2024-01-01", 1) }, keep: keep)
    #expect(tally.blockList(limit: 5000).map(\.count) == Array(repeating: 2, count: 10))
  }

  @Test func `keeping rows sums nothing, not even rows that are alike`() throws {
    let rows = [Row("a", "1", 2), Row("b", "1", 3), Row("a", "1", 2), Row("a", "1", 0)]
    let kept = try SortedTally(reading: rows, keep: .rows).rowList()
    #expect(kept == [Row("a", "1", 0), Row("a", "1", 2), Row("a", "1", 2), Row("b", "1", 3)])
  }

  @Test func `a tally of no rows has no groups`() throws {
    let tally = try SortedTally(reading: [])
    #expect(tally.isEmpty == true)
    #expect(tally.groupList().isEmpty)
    #expect(tally.rowList().isEmpty)
    #expect(tally.playsSum == 0)
  }
}
