import Glibc
import Testing

@testable import Tally

struct SpillTests {
  @Test(arguments: [Tally.Keep.totals, .rows], [1, 2, 3, 7, 64, 1000])
  func `runs of any length merge to the groups of one run`(keep: Tally.Keep, runs: Int) throws {
    let rows = randomRows(2000, songs: 30, dates: 10, seed: UInt64(runs)).map { row in
      Row(row.key, row.plays % 1000)
    }
    let spilled = (0..<runs).map { run in
      let part = Array(rows[run * rows.count / runs..<(run + 1) * rows.count / runs])
      return ListRun(SortedTally(raw: part, keep: keep, seed: 3).rowList())
    }
    #expect(try merged(spilled) == expectedGroups(of: rows))
  }

  @Test(arguments: [Tally.Keep.totals, .rows])
  func `a tally in memory that others left has its own rows alone`(keep: Tally.Keep) throws {
    var tally = Tally(keep: keep, memory: 1 << 30, seed: 3)
    for round in 0..<4 {
      // Enough songs, dates and rows for pieces that are handed on, each time others, and fewer at the end.
      let rows = (0..<[60_000, 60_000, 90_000, 20_000][round]).map { index in
        Row("song \(index * (round + 1))", "\(index % 20_000) \(round)", Int64(index))
      }
      tally.addRaw(rows)
      var full = Tally(after: tally)
      swap(&full, &tally)
      #expect(SortedTally(full).groupList() == expectedGroups(of: rows))
    }
  }

  @Test func `memory that was given back is taken again, but for other sizes and after the end`() {
    let memory = TallyMemory()
    let size = TallyMemory.leastSize
    let piece = unsafe malloc(size)
    if let piece = unsafe piece { unsafe memory.give(piece, size: size) }
    #expect(unsafe memory.take(size: size + 1) == nil)
    let again = unsafe memory.take(size: size)
    #expect(unsafe again == piece)
    #expect(unsafe memory.take(size: size) == nil)
    memory.close()
    if let again = unsafe again { unsafe memory.give(again, size: size) }
    #expect(unsafe memory.take(size: size) == nil)
  }

  @Test(arguments: [Tally.Keep.totals, .rows])
  func `a tally that is taken out whenever it is full loses nothing`(keep: Tally.Keep) throws {
    let rows = (0..<40_000).map { Row("song \($0 % 9000)", "2024-01-01", Int64($0)) }
    func newTally() -> Tally { Tally(keep: keep, memory: 300_000, seed: 3) }
    var tally = newTally()
    var spilled: [ListRun] = []
    for start in stride(from: 0, to: rows.count, by: 100) {
      tally.addRaw(Array(rows[start..<start + 100]))
      if tally.isFull {
        var full = newTally()
        swap(&full, &tally)
        spilled.append(ListRun(SortedTally(full).rowList()))
      }
    }
    spilled.append(ListRun(SortedTally(tally).rowList()))
    #expect(spilled.count > 2, "the budget is small enough to be used up several times")
    #expect(try merged(spilled) == expectedGroups(of: rows))
  }

  @Test func `a new tally is not full under the smallest budget there is`() {
    let tally = Tally(keep: .rows, memory: 64 << 10, seed: 3)
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

  @Test func `the dates of few songs fill a tally as well`() {
    var tally = Tally(keep: .totals, memory: 1 << 20, seed: 3)
    var number = 0
    while !tally.isFull && number < 1_000_000 {
      tally.addRaw((0..<100).map { Row("song \($0 % 3)", "day \(number + $0)", 1) })
      number += 100
    }
    #expect(tally.isFull == true)
    #expect(number < 40_000)
  }

  @Test func `rows of one group fill a tally that keeps rows and no other`() {
    let rows = Array(repeating: Row("a", "1", 1), count: 50_000)
    var totals = Tally(keep: .totals, memory: 2_000_000, seed: 3)
    totals.addRaw(rows)
    #expect(totals.isFull == false)
    var all = Tally(keep: .rows, memory: 800_000, seed: 3)
    all.addRaw(rows)
    #expect(all.isFull == true)
  }

  @Test func `partial sums that leave 64 bits within runs come back in the total`() throws {
    let runs = ([[.max, .max, 7], [.min, .min, .min], [.max, 2]] as [[Int64]]).map { plays in
      let sorted = SortedTally(raw: plays.map { Row("a", "1", $0) })
      #expect(Int64(exactly: sorted.groupList()[0].sum) == nil, "the run alone does not fit")
      return ListRun(sorted.rowList())
    }
    #expect(try merged(runs) == [Group("a", "1", 6)])
  }
}
