package import CSV

// (song, date) -> sum of plays, in memory, within a budget.
//
// Promises: keys are bytes and are compared as bytes; nothing is folded or normalised, so that
// NFC and NFD are two songs, as they are for SQLite. Sums are exact: they are kept in 128 bits where
// 64 do not suffice, so that a file of Int64.max, 5 and -5 gives Int64.max whatever the order of rows.
// The order of groups is the order of the song's bytes, then the date's, and does not depend
// on the order of rows, nor on the seed of the hash.
//
// Not promised: that memory stays below the budget by itself. `isFull` says when it is reached; the
// caller then takes the groups out as one sorted run (`SortedTally`), goes on with a new tally, and
// merges the runs at the end (`RunMerge`).
//
// How: a dictionary of songs and one of dates (`KeyTable`), each key's bytes once, and for each song a
// small table from date to sum (`DateCells`). So only the dictionaries are ever sorted: there
// are far fewer songs than groups in most files, and never more, and far fewer dates. The cost is a
// second look-up a row, of the date, which is in the first-level cache nearly always.
// The seed is drawn anew by each process, so that no sender can prepare keys that collide.

/// The sums of one run of rows.
package struct Tally: ~Copyable, Sendable {
  /// What is kept of rows that share song and date.
  package enum Keep: Sendable {
    /// Their sum.
    case totals
    /// Each row's plays.
    case rows
  }

  let keep: Keep
  /// In bytes.
  private let memory: Int
  private let seed: UInt64
  private let pieces: TallyMemory
  var songs: KeyTable
  var dates: KeyTable
  /// With `Keep.totals` the sum of a song and date modulo 2^64; with `Keep.rows` the index of its last
  /// row, plus one.
  var cells: DateCells
  /// For the rare group whose sum left 64 bits: how often it wrapped, upwards counted positive.
  private(set) var carries: [UInt64: Int64] = [:]
  /// With `Keep.rows`: every row's plays, each linked to the row of its group before it.
  private var rows: Storage<KeptRow>
  package private(set) var rowCount = 0
  /// The exact sum of all rows added.
  package private(set) var playsSum: Int128 = 0

  /// A row of the batch at hand, by the numbers of its keys. (Not private: swift-frontend 6.3.1 emits a broken
  /// module for one that another file destroys.)
  struct Found {
    let song: UInt32
    let date: UInt32
    let plays: Int64
  }

  private var found = Storage<Found>()
  private var recent: RecentGroups?
  private var batchesWithoutGuess = 0

  /// A batch of so many rows is worth the memory that guessing takes.
  private static let fewestToGuess = 256
  private static let batchesUntilNextGuess = 16
  /// How many rows before its turn a row's sum is fetched: about as many as the processor has misses under way.
  private static let rowsAhead = 12

  struct KeptRow {
    let plays: Int64
    /// Index of the group's row before this one, plus one; 0 ends the chain.
    let previous: Int64
  }

  /// - Parameters:
  ///   - keep: What is kept of rows that share song and date.
  ///   - memory: Bytes at which `isFull` turns true.
  ///   - seed: Of the hash; the results do not depend on it.
  ///   - pieces: Where large pieces of memory come from and go to.
  package init(keep: Keep, memory: Int, seed: UInt64, pieces: TallyMemory = TallyMemory()) {
    self.keep = keep
    self.memory = memory
    self.seed = seed
    self.pieces = pieces
    songs = KeyTable(seed: seed, from: pieces)
    dates = KeyTable(seed: seed &+ 1, from: pieces)
    cells = DateCells(from: pieces)
    rows = Storage(from: pieces)
  }

  /// An empty one for the rows that follow, of which as much is expected.
  package init(after other: borrowing Tally) {
    (keep, memory, seed, pieces) = (other.keep, other.memory, other.seed, other.pieces)
    songs = KeyTable(seed: seed, expecting: other.songs.size, from: pieces)
    dates = KeyTable(seed: seed &+ 1, expecting: other.dates.size, from: pieces)
    cells = DateCells(expecting: other.cells.capacity, from: pieces)
    rows = Storage(expecting: other.rows.capacity, from: pieces)
  }

  package var isEmpty: Bool { rowCount == 0 }

  /// The bytes in use, with what sorting will ask for.
  package var memoryInUse: Int {
    let sorting = (songs.count + dates.count) * MemoryLayout<SortKey>.stride * 2
    return songs.memoryInUse + dates.memoryInUse + cells.memoryInUse + rows.memoryInUse
      + carries.count * 32 + (recent == nil ? 0 : RecentGroups.memory) + sorting
  }

  /// True when the budget is used up, or a 32-bit index would be: the caller should empty it.
  package var isFull: Bool { memoryInUse >= memory || songs.isAtLimit || dates.isAtLimit }

  /// Adds the rows of a batch, whose offsets are into `buffer`.
  ///
  /// First the keys of all rows are looked up, then all values are changed. The second step waits for memory and
  /// does nothing else, so that the processor has several rows' misses under way at a time, which are asked for ahead; between
  /// look-ups, whose branches it guesses wrong, it would have one.
  package mutating func add(_ batch: borrowing RowBatch, in buffer: UnsafeRawBufferPointer) {
    found.removeAll()
    batch.withRows { rows in
      if guesses(rows.count) {
        unsafe findGuessing(rows, in: buffer)
      } else if songs.isLarge {
        unsafe findFetching(rows, in: buffer)
      } else {
        for index in rows.indices { unsafe find(rows[index], in: buffer) }
      }
      var sum: Int128 = 0
      for index in rows.indices { sum += Int128(rows[index].plays) }
      playsSum += sum
    }
    addFound()
    rowCount += batch.count
  }

  /// True where the groups of the rows before are worth a look.
  private mutating func guesses(_ count: Int) -> Bool {
    guard keep == .totals, count >= Self.fewestToGuess else { return false }
    batchesWithoutGuess -= 1
    if batchesWithoutGuess > 0 { return false }
    if recent == nil { recent = RecentGroups() }
    return true
  }

  /// Adds the rows of recent groups at once, and looks the others up.
  private mutating func findGuessing(_ rows: Span<PlayRow>, in buffer: UnsafeRawBufferPointer) {
    guard var recent = recent.take() else { return }
    var guessed = 0
    for index in rows.indices {
      let row = rows[index]
      guard let place = unsafe RecentGroups.place(of: row, in: buffer) else {
        unsafe find(row, in: buffer)
        continue
      }
      if unsafe recent.add(row.plays, at: place) {
        guessed += 1
        continue
      }
      let new = unsafe find(row, in: buffer)
      let old = unsafe recent.put(song: new.song, date: new.date, at: place)
      if old.sum != 0 { found.append(Found(song: old.song, date: old.date, plays: old.sum)) }
    }
    if guessed * 2 < rows.count { batchesWithoutGuess = Self.batchesUntilNextGuess }
    self.recent = consume recent
  }

  /// Looks rows up, a few at a time, whose places in a dictionary that is larger than the caches are fetched together.
  private mutating func findFetching(_ rows: Span<PlayRow>, in buffer: UnsafeRawBufferPointer) {
    var hashes = [32 of UInt64](repeating: 0)
    var start = 0
    while start < rows.count {
      let count = min(hashes.count, rows.count - start)
      for index in 0..<count {
        let song = unsafe UnsafeRawBufferPointer(rebasing: buffer[rows[start + index].song])
        hashes[index] = unsafe songs.hash(song)
        songs.prefetch(hash: hashes[index])
      }
      for index in 0..<count { unsafe find(rows[start + index], in: buffer, hash: hashes[index]) }
      start += count
    }
  }

  /// Looks a row up, whose value is to be changed.
  ///
  /// - Parameters:
  ///   - row: The row.
  ///   - buffer: Its bytes.
  ///   - hash: Of the song, where it is known.
  /// - Returns: What was appended to `found`.
  @inline(__always)
  @discardableResult
  private mutating func find(
    _ row: PlayRow, in buffer: UnsafeRawBufferPointer, hash: UInt64? = nil
  ) -> Found {
    // The reader that filled the batch took the ranges from this very buffer; the slices check it.
    let song = unsafe UnsafeRawBufferPointer(rebasing: buffer[row.song])
    let date = unsafe UnsafeRawBufferPointer(rebasing: buffer[row.date])
    let number = unsafe songs.index(of: song, hash: hash ?? songs.hash(song))
    let new = Found(
      song: UInt32(truncatingIfNeeded: number),
      date: unsafe UInt32(truncatingIfNeeded: dates.index(of: date)), plays: row.plays)
    found.append(new)
    return new
  }

  private mutating func addFound() {
    for index in 0..<found.count {
      let row = found[index]
      if index + Self.rowsAhead < found.count {
        let ahead = found[index + Self.rowsAhead]
        if Int(ahead.song) < cells.count { cells.prefetch(Int(ahead.song), ahead.date) }
      }
      let value = unsafe cells.value(of: Int(row.song), on: row.date)
      if keep == .totals {
        let (sum, overflow) = unsafe value.pointee.addingReportingOverflow(row.plays)
        unsafe value.pointee = sum
        if overflow {
          carries[Self.group(Int(row.song), row.date), default: 0] += row.plays > 0 ? 1 : -1
        }
      } else {
        rows.append(KeptRow(plays: row.plays, previous: unsafe value.pointee))
        unsafe value.pointee = Int64(rows.count)
      }
    }
  }

  /// Brings all that was added into the cells: before they are read.
  mutating func settle() {
    guard var recent = recent.take() else { return }
    found.removeAll()
    recent.takeAll { group in
      if group.sum != 0 {
        found.append(Found(song: group.song, date: group.date, plays: group.sum))
      }
    }
    addFound()
    batchesWithoutGuess = 0
  }

  /// A row that was kept, by its link: the value of its group's cell, for the last one, or what that row says of the one before.
  @inline(__always)
  func row(_ link: Int64) -> KeptRow { rows[Int(link) - 1] }

  var hasCarries: Bool { !carries.isEmpty }

  /// The exact sum of a group of which the cell has the lower 64 bits.
  func sum(_ value: Int64, song: Int, date: UInt32) -> Int128 {
    Int128(value) + Int128(carries[Self.group(song, date)] ?? 0) << 64
  }

  private static func group(_ song: Int, _ date: UInt32) -> UInt64 {
    UInt64(song) << 32 | UInt64(date)
  }
}
