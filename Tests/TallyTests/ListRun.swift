import PlayRows
import Testing

@testable import Tally

/// A sorted run that lies in memory.
struct ListRun: SortedRun {
  /// The run cannot go on.
  struct Broken: Error {}

  private let rows: [Row]
  private let breaksAt: Int?
  private var next = 0

  /// - Parameters:
  ///   - rows: In the order of their keys; keys may come more than once.
  ///   - breaksAt: The row at which `fill` throws.
  init(_ rows: [Row], breaksAt: Int? = nil) {
    self.rows = rows
    self.breaksAt = breaksAt
  }

  mutating func fill(_ block: inout RowBlock) throws {
    while !block.isFull, next < rows.count {
      if next == breaksAt { throw Broken() }
      block.append(rows[next])
      next += 1
    }
    if next == breaksAt, block.isEmpty { throw Broken() }
  }
}

/// Merges runs, a few rows in memory of each, and lists the groups.
func merged(_ runs: [ListRun], blockSize: Int = 60) throws -> [Group] {
  var groups: [Group] = []
  var merge = try RunMerge(runs, blockSize: blockSize)
  var block = RowBlock(limit: 50)
  while true {
    block.removeAll()
    try merge.fill(&block)
    if block.isEmpty { break }
    groups += block.rowList().map { Group($0.key, Int128($0.plays)) }
  }
  #expect(merge.groupCount == groups.count)
  #expect(merge.playsSum == groups.reduce(0) { $0 + $1.sum })
  return groups
}
