import Testing

@testable import Tally

struct SpillTests {
  @Test(arguments: [Tally.Keep.totals, .rows], [1, 2, 3, 7, 64, 1000])
  func `runs of any length merge to the groups of one run`(keep: Tally.Keep, runs: Int) throws {
    let rows = randomRows(2000, songs: 30, dates: 10, seed: UInt64(runs))
    var tally = Tally(keep: keep, memory: 1 << 30, seed: 3)
    var spilled: [ListRun] = []
    for run in 0..<runs {
      tally.addRaw(Array(rows[run * rows.count / runs..<(run + 1) * rows.count / runs]))
      spilled.append(ListRun(tally.rowList()))
      tally.removeAll()
    }
    #expect(try merged(spilled) == expectedGroups(of: rows))
    #expect(tally.playsSum == rows.reduce(0) { $0 + Int128($1.plays) })
  }

  @Test(arguments: [Tally.Keep.totals, .rows])
  func `a tally that is emptied whenever it is full loses nothing`(keep: Tally.Keep) throws {
    let rows = (0..<40_000).map { Row("song \($0 % 9000)", "2024-01-01", Int64($0)) }
    var tally = Tally(keep: keep, memory: 200_000, seed: 3)
    var spilled: [ListRun] = []
    for start in stride(from: 0, to: rows.count, by: 100) {
      tally.addRaw(Array(rows[start..<start + 100]))
      if tally.isFull {
        spilled.append(ListRun(tally.rowList()))
        tally.removeAll()
      }
    }
    spilled.append(ListRun(tally.rowList()))
    #expect(spilled.count > 2, "the budget is small enough to be used up several times")
    #expect(try merged(spilled) == expectedGroups(of: rows))
  }

  @Test func `a new tally is not full under the smallest budget of the settings`() {
    let tally = Tally(keep: .rows, memory: 1 << 20, seed: 3)
    #expect(tally.isFull == false)
  }

  @Test func `a tally is full when what it uses reaches its budget`() {
    var tally = Tally(keep: .totals, memory: 200_000, seed: 3)
    var number = 0
    while !tally.isFull && number < 100_000 {
      tally.addRaw([Row("song \(number)", "2024-01-01", 1)])
      number += 1
    }
    #expect(tally.isFull == true)
    #expect(tally.memoryInUse >= 200_000)
    #expect(tally.memoryInUse < 600_000, "one step of growth, not more, passes the budget")
  }

  @Test func `rows of one group fill a tally that keeps rows and no other`() {
    let rows = Array(repeating: Row("a", "1", 1), count: 50_000)
    var totals = Tally(keep: .totals, memory: 200_000, seed: 3)
    totals.addRaw(rows)
    #expect(totals.isFull == false)
    var all = Tally(keep: .rows, memory: 200_000, seed: 3)
    all.addRaw(rows)
    #expect(all.isFull == true)
  }

  @Test(arguments: [Tally.Keep.totals, .rows])
  func `an emptied tally is as a new one but for the sum of all plays`(keep: Tally.Keep) throws {
    let first = randomRows(1500, songs: 40, dates: 20, seed: 1)
    let second = randomRows(1500, songs: 40, dates: 20, seed: 2)
    var tally = try Tally(reading: first, keep: keep)
    tally.removeAll()
    #expect(tally.isEmpty == true)
    #expect(tally.groupCount == 0)
    #expect(tally.rowCount == 0)
    #expect(tally.groupList().isEmpty)
    #expect(tally.rowList().isEmpty)
    try tally.read(second)
    let fresh = try Tally(reading: second, keep: keep)
    #expect(tally.groupList() == expectedGroups(of: second))
    #expect(tally.rowList() == fresh.rowList())
    #expect(tally.rowCount == second.count)
    #expect(tally.playsSum == (first + second).reduce(0) { $0 + Int128($1.plays) })
  }

  @Test func `an emptied tally that kept its memory is not full again at once`() {
    var tally = Tally(keep: .totals, memory: 200_000, seed: 3)
    var number = 0
    while !tally.isFull && number < 100_000 {
      tally.addRaw([Row("song \(number)", "2024-01-01", 1)])
      number += 1
    }
    tally.removeAll()
    tally.addRaw([Row("a", "1", 1)])
    #expect(tally.isFull == false, "a run a batch would follow, for the rest of the file")
  }

  @Test func `partial sums that leave 64 bits within runs come back in the total`() throws {
    var tally = Tally(keep: .totals, memory: 1 << 30, seed: 3)
    var spilled: [ListRun] = []
    for plays: [Int64] in [[.max, .max, 7], [.min, .min, .min], [.max, 2]] {
      tally.addRaw(plays.map { Row("a", "1", $0) })
      #expect(Int64(exactly: tally.groupList()[0].sum) == nil, "the run alone does not fit")
      spilled.append(ListRun(tally.rowList()))
      tally.removeAll()
    }
    #expect(try merged(spilled) == [Group("a", "1", 6)])
  }
}
