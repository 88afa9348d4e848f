package import PlayRows

/// A sorted run of rows that is read from its beginning to its end, a block at a time.
package protocol SortedRun {
  /// Appends the next rows to an empty block, until it is full or the run ends.
  ///
  /// The block is left empty at the end of the run, and only there.
  mutating func fill(_ block: inout RowBlock) throws
}

/// The sum of a song and date does not fit Int64.
package struct SumOverflow: Error, Hashable, Sendable {
  package let song: [UInt8]
  package let date: [UInt8]
  package let sum: Int128
}

/// Merges sorted runs into groups with their exact sums, one block of each run in memory at a time.
///
/// A binary heap of the runs by their current key; within and across runs, rows with equal keys
/// are summed.
///
/// Why the unsafe accesses hold: a cursor's row lies in the block of its source, which is changed by `refill` only,
/// and that sets the cursor anew.
@safe
package struct RunMerge {
  /// Where a merge stands in a run.
  private struct Cursor {
    var row: RowView
    /// The song's first eight bytes, which decide most comparisons.
    var word: UInt64
    /// Of the row behind this one, in the block.
    var place: Int
  }

  private let sources: [MergeSource]
  private var cursors: [Cursor] = []
  /// Indices of the runs that have a row, the one with the least key first.
  private var heap: [Int] = []
  /// The exact sum over all groups given so far.
  package private(set) var playsSum: Int128 = 0
  package private(set) var groupCount: Int64 = 0

  /// - Parameters:
  ///   - runs: Each in the order of its keys.
  ///   - blockSize: Bytes of each run in memory.
  /// - Throws: What a run meets.
  package init(_ runs: [any SortedRun], blockSize: Int) throws {
    sources = runs.map { run in MergeSource(run, blockSize: blockSize) }
    let none = unsafe RowView(
      song: UnsafeRawBufferPointer(start: nil, count: 0),
      date: UnsafeRawBufferPointer(start: nil, count: 0), plays: 0)
    for index in sources.indices {
      cursors.append(Cursor(row: none, word: 0, place: 0))
      if try refill(index) { heap.append(index) }
    }
    for index in heap.indices.reversed() { siftDown(index) }
  }

  /// Appends the next groups, in order, to an empty block, which is left empty at the end.
  ///
  /// - Throws: `SumOverflow`, or what a run meets.
  package mutating func fill(_ block: inout RowBlock) throws {
    while !block.isFull, let least = heap.first { try appendGroup(of: least, to: &block) }
  }

  /// Appends the group of the least row, and goes on behind it in all runs that have it.
  @inline(__always)
  private mutating func appendGroup(of first: Int, to block: inout RowBlock) throws {
    // The key goes into the block at once, for the run's own bytes end with its block.
    let place = block.byteCount
    let row = cursors[first].row
    unsafe block.append(song: row.song, date: row.date, plays: row.plays)
    var sum = Int128(row.plays)
    var rows = 1
    try step()
    while let least = heap.first {
      var at = place
      guard let key = block.next(&at), cursors[least].row.hasKey(of: key) else { break }
      sum += Int128(cursors[least].row.plays)
      rows += 1
      try step()
    }
    playsSum += sum
    groupCount += 1
    if rows == 1 { return }
    guard let plays = Int64(exactly: sum) else {
      var at = place
      guard let key = block.next(&at) else { preconditionFailure("a row was just appended") }
      throw unsafe SumOverflow(song: Array(key.song), date: Array(key.date), sum: sum)
    }
    block.setPlays(plays, at: place)
  }

  /// Goes to the next row of the run at the top of the heap.
  @inline(__always)
  private mutating func step() throws {
    let run = heap[0]
    var place = cursors[run].place
    if let next = sources[run].block.next(&place) {
      show(next, of: run, place)
    } else if try !refill(run) {
      heap[0] = heap[heap.count - 1]
      heap.removeLast()
    }
    siftDown(0)
  }

  /// Takes the next block of a run; false at its end.
  @inline(never)
  private mutating func refill(_ run: Int) throws -> Bool {
    try sources[run].refill()
    var place = 0
    guard let next = sources[run].block.next(&place) else { return false }
    show(next, of: run, place)
    return true
  }

  @inline(__always)
  private mutating func show(_ next: RowView, of run: Int, _ place: Int) {
    var word: UInt64 = 0
    if let start = unsafe next.song.baseAddress {
      word = unsafe orderingWord(start, next.song.count, depth: 0)
    }
    cursors[run] = Cursor(row: next, word: word, place: place)
  }

  @inline(__always)
  private mutating func siftDown(_ start: Int) {
    let count = heap.count
    guard start < count else { return }
    let moving = heap[start]
    var parent = start
    while true {
      var child = 2 * parent + 1
      if child >= count { break }
      if child + 1 < count, precedes(heap[child + 1], heap[child]) { child += 1 }
      guard precedes(heap[child], moving) else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = moving
  }

  @inline(__always)
  private func precedes(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (cursors[left].word, cursors[right].word)
    if a != b { return a < b }
    let songs = unsafe compareBytes(cursors[left].row.song, cursors[right].row.song)
    if songs != 0 { return songs < 0 }
    return unsafe compareBytes(cursors[left].row.date, cursors[right].row.date) < 0
  }
}

/// A run with the block of it that is being merged.
private final class MergeSource {
  private var run: any SortedRun
  private(set) var block: RowBlock

  init(_ run: any SortedRun, blockSize: Int) {
    self.run = run
    block = RowBlock(limit: blockSize)
  }

  func refill() throws {
    block.removeAll()
    try run.fill(&block)
  }
}

extension RowView {
  /// True where both rows are of one song and date.
  @inline(__always)
  fileprivate func hasKey(of other: RowView) -> Bool {
    guard unsafe song.count == other.song.count, unsafe date.count == other.date.count else {
      return false
    }
    guard let mine = unsafe song.baseAddress, let others = unsafe other.song.baseAddress else {
      return true
    }
    // The date follows the song in the block's memory, so both are compared in one go.
    return unsafe equalBytes(mine, others, song.count + date.count)
  }
}
