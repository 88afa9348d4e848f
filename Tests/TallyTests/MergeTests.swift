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
    let total = [Group("a", "1", 4 * Int128(Int64.max))]
    #expect(try merged([ListRun(high), ListRun(high)]) == total)
  }

  @Test(arguments: [0, 1, 2])
  func `an error of a run ends the merge with that error`(row: Int) {
    let broken = ListRun([Row("a", "1", 1), Row("b", "1", 1)], breaksAt: row)
    #expect(throws: ListRun.Broken.self) {
      try merged([ListRun([Row("a", "1", 1), Row("c", "1", 1)]), broken])
    }
  }

  @Test func `an error of the taker ends the merge with that error`() throws {
    struct Full: Error {}
    var taken = 0
    func takeUntilFull() throws {
      let run = ListRun([Row("a", "1", 1), Row("b", "1", 1), Row("c", "1", 1)])
      var merge = try RunMerge([run])
      try unsafe merge.forEachGroup { _, _, _ in
        taken += 1
        if taken == 2 { throw Full() }
      }
    }
    #expect(throws: Full.self) { try takeUntilFull() }
    #expect(taken == 2)
  }
}
