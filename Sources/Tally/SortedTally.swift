package import PlayRows

/// A tally at its end, with its groups in the order of the result; nothing changes it any more.
///
/// Why it may be used by several threads at once (`@unchecked Sendable`): all it holds is set by `init`, and its
/// memory is freed when the last of them lets go of it.
package final class SortedTally: @unchecked Sendable {
  let tally: Tally
  /// Numbers of the songs in the order of their bytes.
  let songOrder: [UInt32]
  /// Numbers of the dates in the order of their bytes, and the place of each in it.
  let dateOrder: [UInt32]
  let dateRanks: [UInt32]

  package convenience init(_ tally: consuming Tally) {
    tally.settle()
    let (songs, dates) = (tally.songs.order(), tally.dates.order())
    self.init(tally, songs: songs, dates: dates)
  }

  private init(_ tally: consuming Tally, songs: [UInt32], dates: [UInt32]) {
    self.tally = tally
    songOrder = songs
    dateOrder = dates
    var ranks = [UInt32](repeating: 0, count: dates.count)
    for (rank, date) in dates.enumerated() { ranks[Int(date)] = UInt32(rank) }
    dateRanks = ranks
  }

  package var isEmpty: Bool { tally.isEmpty }

  /// What the database is to keep, in the order of the groups; each call begins anew.
  ///
  /// With `Keep.totals` that is one row a group; a sum outside Int64, which other runs of the file may
  /// bring back into range, is given in several rows whose sum it is. With `Keep.rows` it is every row
  /// that was added, the latest of a group first.
  package func makeRun() -> TallyRun { TallyRun(self) }
}

/// Reads the rows of a sorted tally from first to last.
package struct TallyRun: SortedRun {
  /// One date of the song at hand: its rank, and what its cell holds.
  private struct Entry {
    let rank: UInt32
    let value: Int64
  }

  /// A song of one date.
  private struct Single {
    let song: UInt32
    let date: UInt32
    let value: Int64
  }

  private let sorted: SortedTally
  /// How many songs are done with.
  private var songsDone = 0
  /// The dates of the song at hand; empty where it has not begun.
  private var entries: [Entry] = []
  /// For sorting them; as long as there are dates, or empty.
  private var placed: [Entry?] = []
  private var nextEntry = 0
  /// What is left of the group at hand where it takes several rows: of its sum, or the link to its next
  /// row.
  private var rest: Int128 = 0
  private var link: Int64 = 0
  /// Of how many dates of the song at hand the rows were fetched.
  private var fetchedEntries = 0

  fileprivate init(_ sorted: SortedTally) { self.sorted = sorted }

  package mutating func fill(_ block: inout RowBlock) {
    if entries.isEmpty { appendSongsOfOneDate(to: &block) }
    while !block.isFull, songsDone < sorted.songOrder.count {
      let song = Int(sorted.songOrder[songsDone])
      if entries.isEmpty { beginSong(song) }
      while nextEntry < entries.count {
        if block.isFull { return }
        if nextEntry == fetchedEntries { fetchRows() }
        let entry = entries[nextEntry]
        let date = Int(sorted.dateOrder[Int(entry.rank)])
        if appendRow(of: song, date, entry.value, to: &block) { nextEntry += 1 }
      }
      entries.removeAll(keepingCapacity: true)
      songsDone += 1
      appendSongsOfOneDate(to: &block)
    }
  }

  /// Appends songs up to the first of several dates, or the first that the block has no room for.
  ///
  /// Where every song is of one date this is the whole work, and it waits for memory: the places of the
  /// next songs are looked up before any bytes are copied, so that their misses overlap.
  private mutating func appendSongsOfOneDate(to block: inout RowBlock) {
    guard !sorted.tally.hasCarries else { return }
    var ahead = [32 of Single](repeating: Single(song: 0, date: 0, value: 0))
    var links = [32 of Int64](repeating: 0)
    while !block.isFull {
      let count = min(ahead.count, sorted.songOrder.count - songsDone)
      var found = 0
      while found < count {
        let song = sorted.songOrder[songsDone + found]
        guard let (date, value) = sorted.tally.cells.single(Int(song)) else { break }
        sorted.tally.songs.prefetchKey(Int(song))
        links[found] = value
        ahead[found] = Single(song: song, date: date, value: value)
        found += 1
      }
      if found == 0 { return }
      if sorted.tally.keep == .rows { fetchRows(&links, count: found) }
      for index in 0..<found {
        if block.isFull { return }
        let single = ahead[index]
        let song = unsafe sorted.tally.songs.key(Int(single.song))
        let date = unsafe sorted.tally.dates.key(Int(single.date))
        if sorted.tally.keep == .totals {
          unsafe block.append(song: song, date: date, plays: single.value)
        } else {
          link = unsafe appendRows(from: single.value, of: song, date, to: &block)
          if link != 0 { return beginSong(Int(single.song)) }
        }
        songsDone += 1
      }
    }
  }

  /// Fetches the rows of the dates that come next, where rows are kept.
  private mutating func fetchRows() {
    var links = [32 of Int64](repeating: 0)
    let count = min(links.count, entries.count - nextEntry)
    fetchedEntries = nextEntry + count
    guard sorted.tally.keep == .rows, count > 1 else { return }
    for index in 0..<count { links[index] = entries[nextEntry + index].value }
    fetchRows(&links, count: count)
  }

  /// Fetches the rows of several groups, from the links of the last of each on.
  ///
  /// They lie all over memory, and where one lies is known once the one after it was read, so that each would be a miss of
  /// its own. The chains are followed side by side, whose misses overlap as long as no branch
  /// waits for one of them: a chain at its end stays there, and reads the first row of all.
  private func fetchRows(_ links: inout [32 of Int64], count: Int) {
    // No more than stay in the first-level cache until they are read.
    for _ in 0..<12 {
      var open: Int64 = 0
      for index in 0..<count {
        let previous = sorted.tally.row(max(links[index], 1)).previous
        let next = links[index] == 0 ? 0 : previous
        links[index] = next
        open |= next
      }
      if open == 0 { return }
    }
  }

  private mutating func beginSong(_ song: Int) {
    nextEntry = 0
    fetchedEntries = 0
    sorted.tally.cells.forEachDate(of: song) { date, value in
      entries.append(Entry(rank: sorted.dateRanks[Int(date)], value: value))
    }
    if entries.count > 1 { sortEntries() }
  }

  /// Sorts by rank; where the song has a good part of all dates by putting each in its place, for the ranks
  /// differ and lie close together.
  private mutating func sortEntries() {
    guard entries.count * 8 >= sorted.dateOrder.count else {
      return entries.sort { $0.rank < $1.rank }
    }
    if placed.isEmpty { placed = [Entry?](repeating: nil, count: sorted.dateOrder.count) }
    for entry in entries { placed[Int(entry.rank)] = entry }
    entries.removeAll(keepingCapacity: true)
    for rank in placed.indices {
      if let entry = placed[rank] {
        entries.append(entry)
        placed[rank] = nil
      }
    }
  }

  /// Appends a row of a group, or what the block has room for of the rows that are kept; true where it was the group's last.
  @inline(__always)
  private mutating func appendRow(
    of song: Int, _ date: Int, _ value: Int64, to block: inout RowBlock
  ) -> Bool {
    let songBytes = unsafe sorted.tally.songs.key(song)
    let dateBytes = unsafe sorted.tally.dates.key(date)
    switch sorted.tally.keep {
    case .totals:
      guard sorted.tally.hasCarries else {
        unsafe block.append(song: songBytes, date: dateBytes, plays: value)
        return true
      }
      if rest == 0 { rest = sorted.tally.sum(value, song: song, date: UInt32(date)) }
      let part = Int64(clamping: rest)
      rest -= Int128(part)
      unsafe block.append(song: songBytes, date: dateBytes, plays: part)
      return rest == 0
    case .rows:
      let first = link == 0 ? value : link
      link = unsafe appendRows(from: first, of: songBytes, dateBytes, to: &block)
      return link == 0
    }
  }

  /// Appends rows of one group, from a link on, until the block is full.
  ///
  /// - Returns: The link to the next one; 0 at the end.
  @inline(__always)
  private func appendRows(
    from first: Int64, of song: UnsafeRawBufferPointer, _ date: UnsafeRawBufferPointer,
    to block: inout RowBlock
  ) -> Int64 {
    var link = first
    repeat {
      let row = sorted.tally.row(link)
      unsafe block.append(song: song, date: date, plays: row.plays)
      link = row.previous
    } while link != 0 && !block.isFull
    return link
  }
}
