package import PlayRows

/// A sorted run of rows that is read from its beginning to its end, a block at a time.
package protocol SortedRun {
  /// Appends the next rows to an empty block, until it is full or the run ends.
  ///
  /// The block is left empty at the end of the run, and only there. A run that threw is not read on.
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
/// `refill` only, and that sets both anew; nodes and runs are numbered below their counts.
@safe
package struct RunMerge: ~Copyable {
  /// A run in the tree, by the code of the row that it has next; `KeyCode.none` where it is at its end.
  ///
  /// (Not private, as `Head`: swift-frontend 6.3.1 emits a broken module for one that another file destroys.)
  struct Contender {
    var code: UInt64
    var run: Int
  }

  /// The row of a run that comes next, and what is left of its block.
  struct Head {
    var row: RowView
    var cursor: RowCursor
  }

  private var sources: [MergeSource]
  private var heads = Storage<Head>()
  /// The run whose row comes next.
  private var winner = Contender(code: KeyCode.none, run: 0)
  /// At each node but 0 the run that lost there.
  ///
  /// The run i is below the node (i + number of runs) / 2, and each node below half of its number.
  private var losers = Storage<Contender>()
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
    var contenders: [Contender] = []
    for run in sources.indices {
      heads.append(Head(row: none, cursor: sources[run].cursor()))
      let row = try next(of: run)
      if let row { heads[run].row = row }
      contenders.append(
        Contender(code: row.map(KeyCode.first(of:)) ?? KeyCode.none, run: run))
    }
    losers.append(repeating: winner, count: runs.count)
    if !runs.isEmpty { winner = play(below: 1, contenders) }
  }

  /// Has the runs below a node play, notes the losers, and returns the winner.
  private mutating func play(below node: Int, _ contenders: [Contender]) -> Contender {
    if node >= contenders.count { return contenders[node - contenders.count] }
    var (left, right) = (play(below: 2 * node, contenders), play(below: 2 * node + 1, contenders))
    if !wins(&left, over: &right) { swap(&left, &right) }
    losers[node] = right
    return left
  }

  /// Appends the next groups, in order, to an empty block, which is left empty at the end.
  ///
  /// - Throws: `SumOverflow`, or what a run meets.
  package mutating func fill(_ block: inout RowBlock) throws {
    while !block.isFull, winner.code != KeyCode.none { try appendGroup(to: &block) }
  }

  /// Appends the group of the row that comes next, and goes on behind it in all runs that have it.
  @inline(__always)
  private mutating func appendGroup(to block: inout RowBlock) throws {
    // The key is from here on the block's, for the run's own bytes end with its block.
    let place = block.byteCount
    let key = block.append(copyOf: unsafe heads.start[winner.run].row)
    var sum = Int128(key.plays)
    var isAlone = true
    try step(behind: key)
    while winner.code == KeyCode.same {
      sum += Int128(unsafe heads.start[winner.run].row.plays)
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
    var playing = winner
    if let row = try next(of: playing.run) {
      unsafe heads.start[playing.run].row = row
      playing.code = KeyCode.of(row, after: key)
    } else {
      playing.code = KeyCode.none
    }
    var node = (playing.run + losers.count) / 2
    while node > 0 {
      let loser = unsafe losers.start + node
      let other = unsafe loser.pointee
      if other.code == playing.code, playing.code != KeyCode.same, playing.code != KeyCode.none {
        playAgain(&playing, at: node)
      } else {
        // Who wins is as good as random, and a branch on it guessed wrong half of the time.
        let mask = other.code < playing.code ? ~UInt64(0) : 0
        let code = (other.code ^ playing.code) & mask
        let run = (other.run ^ playing.run) & Int(bitPattern: UInt(mask))
        playing.code ^= code
        playing.run ^= run
        unsafe loser.pointee = Contender(code: other.code ^ code, run: other.run ^ run)
      }
      node /= 2
    }
    winner = playing
  }

  /// As a step does at a node, where the codes do not tell.
  @inline(never)
  private mutating func playAgain(_ playing: inout Contender, at node: Int) {
    var other = losers[node]
    if !wins(&playing, over: &other) { swap(&playing, &other) }
    losers[node] = other
  }

  /// Whether a run's row comes before another's; the code of the one that loses is then relative to the winner's key.
  private func wins(_ left: inout Contender, over right: inout Contender) -> Bool {
    if left.code != right.code { return left.code < right.code }
    if left.code == KeyCode.same || left.code == KeyCode.none { return true }
    let (a, b) = (heads[left.run].row, heads[right.run].row)
    let songs = unsafe compareBytes(a.song, b.song)
    let order = unsafe songs != 0 ? songs : compareBytes(a.date, b.date)
    if order <= 0 {
      right.code = KeyCode.of(b, after: a)
    } else {
      left.code = KeyCode.of(a, after: b)
    }
    return order <= 0
  }

  @inline(__always)
  private mutating func next(of run: Int) throws -> RowView? {
    if let row = unsafe heads.start[run].cursor.next() { return row }
    return try refill(run)
  }

  /// The first row of the next block of a run; nil at its end.
  @inline(never)
  private mutating func refill(_ run: Int) throws -> RowView? {
    try sources[run].refill()
    heads[run].cursor = sources[run].cursor()
    return heads[run].cursor.next()
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
