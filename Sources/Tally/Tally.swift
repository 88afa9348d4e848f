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
// caller then takes the groups out as one sorted run, empties the tally and goes on, and merges the
// runs at the end (`RunMerge`).
//
// How: one open-addressing table over hashes of the raw key bytes, keys copied once into one arena,
// groups in the order of their arrival. The cost of that is the sort when the groups are taken out,
// which is why a group's first eight bytes are compared as one word before anything else is.
// The seed is drawn anew by each process, so that no sender can prepare keys that collide.

/// The sums of one run of rows.
package struct Tally: ~Copyable {
  /// What is kept of rows that share song and date.
  package enum Keep: Sendable {
    /// Their sum.
    case totals
    /// Each row's plays, and their sum.
    case rows
  }

  let keep: Keep
  /// In bytes.
  private let memory: Int
  private let seed: UInt64
  var groups: GroupTable
  /// With `Keep.rows`: every row's plays, each linked to the row of its group before it.
  var rows = Storage<KeptRow>()
  /// The rows added since the tally was last empty.
  package private(set) var rowCount = 0
  /// The exact sum of all rows ever added, emptied or not.
  package private(set) var playsSum: Int128 = 0

  struct KeptRow {
    let plays: Int64
    /// Index of the group's row before this one, plus one; 0 ends the chain.
    let previous: UInt32
  }

  /// - Parameters:
  ///   - keep: What is kept of rows that share song and date.
  ///   - memory: Bytes at which `isFull` turns true.
  ///   - seed: Of the hash; the results do not depend on it.
  package init(keep: Keep, memory: Int, seed: UInt64) {
    self.keep = keep
    self.memory = memory
    self.seed = seed
    groups = GroupTable(seed: seed)
  }

  package var groupCount: Int { groups.count }
  package var isEmpty: Bool { rowCount == 0 }

  /// The bytes asked for so far, with what sorting will ask for.
  package var memoryInUse: Int {
    groups.memoryInUse + rows.memoryInUse + groups.count * MemoryLayout<SortKey>.stride
  }

  /// True when the budget is used up, or a 32-bit index would be: the caller should empty it.
  package var isFull: Bool { memoryInUse >= memory || groups.isAtLimit || rows.count >= 1 << 31 }

  /// Adds the rows of a batch, whose offsets are into `buffer`.
  package mutating func add(_ batch: borrowing RowBatch, in buffer: UnsafeRawBufferPointer) {
    for index in 0..<batch.count {
      let row = batch[index]
      // The reader that filled the batch took the ranges from this very buffer; the slices check it.
      let song = unsafe UnsafeRawBufferPointer(rebasing: buffer[row.song])
      let date = unsafe UnsafeRawBufferPointer(rebasing: buffer[row.date])
      let group = unsafe groups.add(song: song, date: date, plays: row.plays)
      if keep == .rows {
        rows.append(KeptRow(plays: row.plays, previous: groups.lastRow(of: group)))
        groups.setLastRow(of: group, to: UInt32(rows.count))
      }
      playsSum += Int128(row.plays)
    }
    rowCount += batch.count
  }

  /// Forgets the groups and rows; their memory is kept for the next run where it is below the budget.
  package mutating func removeAll() {
    groups.removeAll()
    rows.removeAll()
    // Memory that grew to the budget would make an empty tally full, and each batch a run.
    if memoryInUse >= memory {
      groups = GroupTable(seed: seed)
      rows = Storage<KeptRow>()
    }
    rowCount = 0
  }
}
