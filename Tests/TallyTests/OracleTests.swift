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
