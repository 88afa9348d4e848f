import Testing

@testable import Tally

/// Plays of one song and date whose sum is easily got wrong.
struct Plays: CustomTestStringConvertible {
  let plays: [Int64]
  let sum: Int128
  let testDescription: String

  init(_ description: String, _ plays: [Int64], sum: Int128) {
    self.plays = plays
    self.sum = sum
    testDescription = description
  }

  private static let max = Int128(Int64.max)
  private static let min = Int128(Int64.min)

  static let all = [
    Plays("one row", [57], sum: 57),
    Plays("nothing but zero", [0, 0], sum: 0),
    Plays("up beyond the edge and back", [.max, 5, -5], sum: max),
    Plays("down beyond the edge and back", [.min, -5, 5], sum: min),
    Plays("one beyond the upper edge", [.max, 1], sum: max + 1),
    Plays("one beyond the lower edge", [.min, -1], sum: min - 1),
    Plays("both edges", [.max, .min], sum: -1),
    Plays("both edges and one", [.min, .max, 1], sum: 0),
    Plays("the least twice", [.min, .min], sum: 2 * min),
    Plays("greatest and least in turn", [.max, .max, .max, .min, .min], sum: max - 2),
    Plays("two to the 64th, of which the low word is zero", [.max, .max, 1, 1], sum: 1 << 64),
    Plays("minus two to the 64th, of which the low word is zero", [.min, .min], sum: -(1 << 64)),
  ]
}

struct SumTests {
  @Test(arguments: Plays.all)
  func `a sum is exact in every order of the rows`(plays: Plays) throws {
    for order in permutations(of: plays.plays) {
      let tally = try SortedTally(reading: order.map { Row("Hey Jude", "2024-01-01", $0) })
      #expect(tally.groupList() == [Group("Hey Jude", "2024-01-01", plays.sum)], "\(order)")
      #expect(tally.playsSum == plays.sum, "\(order)")
    }
  }

  @Test(arguments: Plays.all)
  func `the rows that stand for a group add up to its exact sum`(plays: Plays) throws {
    let tally = try SortedTally(reading: plays.plays.map { Row("Hey Jude", "2024-01-01", $0) })
    let rows = tally.rowList()
    #expect(!rows.isEmpty, "a group of no row would be lost")
    #expect(expectedGroups(of: rows) == [Group("Hey Jude", "2024-01-01", plays.sum)])
  }

  @Test func `a group whose sum fits has one row`() throws {
    let rows = [Row("a", "1", .max), Row("a", "1", 5), Row("a", "1", -5), Row("b", "1", 0)]
    #expect(try SortedTally(reading: rows).rowList() == [Row("a", "1", .max), Row("b", "1", 0)])
  }

  @Test(arguments: [Int64.max, Int64.min])
  func `a sum that leaves 64 bits a thousand times is exact`(plays: Int64) throws {
    let rows = Array(repeating: Row("a", "1", plays), count: 1000)
    let tally = try SortedTally(reading: rows)
    #expect(tally.groupList() == [Group("a", "1", 1000 * Int128(plays))])
    #expect(tally.rowList().map { Int128($0.plays) }.reduce(0, +) == 1000 * Int128(plays))
  }

  @Test func `a carry stays with its own group when others come and the table grows`() throws {
    var rows = [Row("big", "1", .max), Row("big", "1", .max), Row("small", "1", .min)]
    rows += (0..<2000).map { Row("song \($0)", "1", 1) }
    rows += [Row("small", "1", .min), Row("big", "1", 7)]
    #expect(try SortedTally(reading: rows).groupList() == expectedGroups(of: rows))
  }
}

/// Every order of the elements.
private func permutations(of plays: [Int64]) -> [[Int64]] {
  guard plays.count > 1 else { return [plays] }
  return plays.indices.flatMap { index in
    var others = plays
    let first = others.remove(at: index)
    return permutations(of: others).map { [first] + $0 }
  }
}
