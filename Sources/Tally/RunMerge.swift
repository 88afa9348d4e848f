/// A sorted run of rows that is read from its beginning to its end, a row at a time.
package protocol SortedRun {
  /// Goes to the next row.
  ///
  /// - Returns: False at the end of the run.
  mutating func advance() throws -> Bool
  /// The key and plays of the current row; the bytes hold until the next `advance`.
  var song: UnsafeRawBufferPointer { get }
  var date: UnsafeRawBufferPointer { get }
  var plays: Int64 { get }
}

/// Merges sorted runs into groups with their exact sums, one row of each run in memory at a time.
///
/// A binary heap of the runs by their current key; within and across runs, rows with equal keys
/// are summed. Memory is a row a run and the key of the group in the making.
package struct RunMerge<Run: SortedRun> {
  private var runs: [Run]
  /// Indices of the runs that have a row, the one with the least key first.
  private var heap: [Int] = []
  private var song: [UInt8] = []
  private var date: [UInt8] = []

  package init(_ runs: [Run]) throws {
    self.runs = runs
    for index in runs.indices where try self.runs[index].advance() { heap.append(index) }
    for index in heap.indices.reversed() { siftDown(index) }
  }

  /// Calls `body` with each group and its exact sum, in order; the bytes hold during the call only.
  package mutating func forEachGroup(
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Int128) throws -> Void
  ) throws {
    while let first = heap.first {
      // Copied, for the run's own bytes end with its next row.
      unsafe song.replaceSubrange(song.startIndex..., with: runs[first].song)
      unsafe date.replaceSubrange(date.startIndex..., with: runs[first].date)
      var sum: Int128 = 0
      while let least = heap.first, isCurrentGroup(least) {
        sum += Int128(runs[least].plays)
        if try !runs[least].advance() {
          heap.swapAt(0, heap.count - 1)
          heap.removeLast()
        }
        siftDown(0)
      }
      try unsafe song.withUnsafeBytes { song in
        try unsafe date.withUnsafeBytes { date in try unsafe body(song, date, sum) }
      }
    }
  }

  private func isCurrentGroup(_ run: Int) -> Bool {
    unsafe runs[run].song.elementsEqual(song) && runs[run].date.elementsEqual(date)
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if precedes(heap[child], heap[least]) { least = child }
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    let songs = unsafe compareBytes(runs[left].song, runs[right].song)
    if songs != 0 { return songs < 0 }
    return unsafe compareBytes(runs[left].date, runs[right].date) < 0
  }
}
