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
/// A tree of losers (Knuth, "The Art of Computer Programming", volume 3, 5.4.1) over the runs, by the codes of their rows'
/// keys (`KeyCode`); within and across runs, rows with equal keys are summed.
///
/// Why the unsafe accesses hold: a run's row and cursor lie in the block of its source, which is changed by
/// `refill` only, and that sets both anew.
@safe
package struct RunMerge {
  private var sources: [MergeSource]
  private var cursors: [RowCursor] = []
  /// The row of each run that comes next, and its code; `KeyCode.none` for a run at its end.
  private var rows: [RowView] = []
  private var codes: [UInt64] = []
  /// At 0 the run whose row comes next; at each other node the run that lost there.
  ///
  /// The run i is below the node (i + number of runs) / 2, and each node below half of its number.
  private var tree: [Int] = []
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
      cursors.append(sources[index].cursor())
      rows.append(none)
      codes.append(KeyCode.none)
      if let row = try next(of: index) {
        rows[index] = row
        codes[index] = KeyCode.first(of: row)
      }
    }
    tree = [Int](repeating: 0, count: runs.count)
    if !runs.isEmpty { tree[0] = winner(below: 1) }
  }

  /// Has the runs below a node play, notes the losers, and returns the winner.
  private mutating func winner(below node: Int) -> Int {
    if node >= tree.count { return node - tree.count }
    let (left, right) = (winner(below: 2 * node), winner(below: 2 * node + 1))
    let leftWins = wins(left, over: right)
    tree[node] = leftWins ? right : left
    return leftWins ? left : right
  }

  /// Appends the next groups, in order, to an empty block, which is left empty at the end.
  ///
  /// - Throws: `SumOverflow`, or what a run meets.
  package mutating func fill(_ block: inout RowBlock) throws {
    guard !tree.isEmpty else { return }
    while !block.isFull, codes[tree[0]] != KeyCode.none { try appendGroup(to: &block) }
  }

  /// Appends the group of the row that comes next, and goes on behind it in all runs that have it.
  @inline(__always)
  private mutating func appendGroup(to block: inout RowBlock) throws {
    // The key goes into the block at once, for the run's own bytes end with its block.
    let place = block.byteCount
    let row = rows[tree[0]]
    unsafe block.append(song: row.song, date: row.date, plays: row.plays)
    var at = place
    guard let key = block.next(&at) else { preconditionFailure("a row was just appended") }
    var sum = Int128(row.plays)
    var isAlone = true
    try step(behind: key)
    while codes[tree[0]] == KeyCode.same {
      sum += Int128(rows[tree[0]].plays)
      isAlone = false
      try step(behind: key)
    }
    playsSum += sum
    groupCount += 1
    if isAlone { return }
    guard let plays = Int64(exactly: sum) else {
      throw unsafe SumOverflow(song: Array(key.song), date: Array(key.date), sum: sum)
    }
    block.setPlays(plays, at: place)
  }

  /// Takes the next row of the run whose row just went out, with this key, and finds which run comes next.
  @inline(__always)
  private mutating func step(behind key: RowView) throws {
    var run = tree[0]
    if let row = try next(of: run) {
      rows[run] = row
      codes[run] = KeyCode.of(row, after: key)
    } else {
      codes[run] = KeyCode.none
    }
    var node = (run + tree.count) / 2
    while node > 0 {
      let other = tree[node]
      if !wins(run, over: other) {
        tree[node] = run
        run = other
      }
      node /= 2
    }
    tree[0] = run
  }

  /// Whether a run's row comes before another's; the code of the one that loses is then relative to the winner's key.
  @inline(__always)
  private mutating func wins(_ left: Int, over right: Int) -> Bool {
    let (a, b) = (codes[left], codes[right])
    if a != b { return a < b }
    if a == KeyCode.same || a == KeyCode.none { return true }
    return winsByKey(left, over: right)
  }

  @inline(never)
  private mutating func winsByKey(_ left: Int, over right: Int) -> Bool {
    let songs = unsafe compareBytes(rows[left].song, rows[right].song)
    let order = unsafe songs != 0 ? songs : compareBytes(rows[left].date, rows[right].date)
    if order <= 0 {
      codes[right] = KeyCode.of(rows[right], after: rows[left])
    } else {
      codes[left] = KeyCode.of(rows[left], after: rows[right])
    }
    return order <= 0
  }

  @inline(__always)
  private mutating func next(of run: Int) throws -> RowView? {
    if let row = cursors[run].next() { return row }
    return try refill(run)
  }

  /// The first row of the next block of a run; nil at its end.
  @inline(never)
  private mutating func refill(_ run: Int) throws -> RowView? {
    try sources[run].refill()
    cursors[run] = sources[run].cursor()
    return cursors[run].next()
  }
}

/// A run with the block of it that is being merged.
private final class MergeSource {
  private var run: any SortedRun
  private var block: RowBlock

  init(_ run: any SortedRun, blockSize: Int) {
    self.run = run
    block = RowBlock(limit: blockSize)
  }

  func refill() throws {
    block.removeAll()
    try run.fill(&block)
  }

  /// Holds until the next call of `refill`.
  func cursor() -> RowCursor { block.makeCursor() }
}
