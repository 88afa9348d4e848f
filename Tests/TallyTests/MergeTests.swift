import Testing

@testable import Tally

struct MergeTests {
  @Test func `no run gives no group`() throws {
    #expect(try merged([]).isEmpty)
  }

  @Test func `empty runs give no group, alone and among others`() throws {
    #expect(try merged([ListRun([]), ListRun([])]).isEmpty)
    let run = ListRun([Row("a", "1", 1)])
    #expect(try merged([ListRun([]), run, ListRun([])]) == [Group("a", "1", 1)])
  }

  @Test func `one run gives its groups, rows of one key summed`() throws {
    let run = ListRun([Row("a", "1", 1), Row("a", "1", 2), Row("a", "2", 4), Row("b", "1", 8)])
    let groups = [Group("a", "1", 3), Group("a", "2", 4), Group("b", "1", 8)]
    #expect(try merged([run]) == groups)
  }

  @Test func `keys that are in every run are summed over all of them`() throws {
    let rows = [Row("", "", 1), Row("a", "bc", 10), Row("ab", "c", 100)]
    let runs = (0..<17).map { _ in ListRun(rows) }
    let groups = [Group("", "", 17), Group("a", "bc", 170), Group("ab", "c", 1700)]
    #expect(try merged(runs) == groups)
  }

  @Test func `a key that begins another stands before it across runs`() throws {
    let runs = [
      ListRun([Row("aaaaaaaa", "1", 1)]), ListRun([Row("aaaaaaaab", "1", 2)]),
      ListRun([Row("a", "1", 4), Row("b", "", 8)]), ListRun([Row("aaaaaaaa", "", 16)]),
    ]
    let groups = [
      Group("a", "1", 4), Group("aaaaaaaa", "", 16), Group("aaaaaaaa", "1", 1),
      Group("aaaaaaaab", "1", 2), Group("b", "", 8),
    ]
    #expect(try merged(runs) == groups)
  }

  @Test func `a sum that leaves 64 bits on the way is exact`() throws {
    let high = [Row("a", "1", .max), Row("a", "1", .max)]
    let low = [Row("a", "1", .min), Row("a", "1", .min), Row("a", "1", 3)]
    #expect(try merged([ListRun(high), ListRun(low)]) == [Group("a", "1", 1)])
  }

  @Test func `a sum that does not fit 64 bits ends the merge and says whose it is`() throws {
    let runs = [
      ListRun([Row("a", "1", 1), Row("b", "2", .max)]), ListRun([Row("b", "2", .max)]),
    ]
    let overflow = SumOverflow(
      song: Array("b".utf8), date: Array("2".utf8), sum: 2 * Int128(Int64.max))
    #expect(throws: overflow) { try merged(runs) }
  }

  @Test(arguments: [1, 20, 1000, 1 << 20])
  func `blocks of any size give the same groups`(blockSize: Int) throws {
    let rows = randomRows(1000, songs: 30, dates: 10, seed: 4).filter {
      $0.plays.magnitude < 10_000
    }
    let parts = (0..<5).map { part in
      rows.enumerated().filter { $0.offset % 5 == part }.map(\.element).sorted { $0.key < $1.key }
    }
    #expect(
      try merged(parts.map { ListRun($0) }, blockSize: blockSize) == expectedGroups(of: rows))
  }

  @Test(arguments: [0, 1, 2])
  func `an error of a run ends the merge with that error`(row: Int) {
    let broken = ListRun([Row("a", "1", 1), Row("b", "1", 1)], breaksAt: row)
    #expect(throws: ListRun.Broken.self) {
      try merged([ListRun([Row("a", "1", 1), Row("c", "1", 1)]), broken])
    }
  }
}
