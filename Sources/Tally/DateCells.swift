/// What a song has on each of its dates: one number a date.
///
/// A song of one date, which is every song of a file without repetition, takes 16 bytes and no other memory.
/// From the second date on it has a block. At first that is an open-addressing table from the date's number to the
/// value, probed from that number on. Once the song has a good part of all dates that there are it is an array by the date's
/// number, with a bit for each date that the song has: no larger, and adding to it is one access and no search.
/// Dates are numbered as they appear. Dates chosen so that they collide cost at most the square root of the number
/// of dates: whoever wants n of them to fall on one slot of a table of n has to send n * n dates.
///
/// Blocks are allocated one by one and freed when they are outgrown: in a file of few songs all of them grow at
/// a time, and what the one leaves the next one gets.
///
/// Why the unsafe accesses hold: `value` of a cell of several dates is the address of a block that belongs to it
/// alone, laid out as `DateBlock` says for its capacity; indices are masked to the capacity, or compared with it.
/// Blocks are freed where they are outgrown and in `deinit`. Sole ownership also is why the value may go
/// to another thread.
@safe
struct DateCells: ~Copyable, @unchecked Sendable {
  /// One song.
  struct Cell {
    /// Of the one date; or the address of the block.
    var value: Int64
    /// The number of the one date; or the capacity of the block.
    var date: UInt32
    /// How many dates the song has; of an array, how many it had when it was made.
    var count: UInt32
  }

  private var cells: Storage<Cell>
  private var blockBytes = 0
  /// One more than the greatest number of a date.
  private var dateBound: UInt32 = 0

  /// - Parameters:
  ///   - expectedSongs: What to make room for once there are many.
  ///   - memory: Where that room comes from.
  init(expecting expectedSongs: Int = 0, from memory: TallyMemory? = nil) {
    cells = Storage(expecting: expectedSongs, from: memory)
  }

  deinit {
    for song in 0..<cells.count where cells[song].count > 1 {
      DateBlock(cells[song]).free()
    }
  }

  /// How many songs there are.
  var count: Int { cells.count }

  /// For how many songs there is room.
  var capacity: Int { cells.capacity }

  var memoryInUse: Int { cells.memoryInUse + blockBytes }

  /// The date and value of a song that has one date only.
  @inline(__always)
  func single(_ song: Int) -> (date: UInt32, value: Int64)? {
    let cell = cells[song]
    return cell.count == 1 ? (cell.date, cell.value) : nil
  }

  /// Fetches what `value` of a song that exists will read.
  @inline(__always)
  func prefetch(_ song: Int, _ date: UInt32) {
    let cell = unsafe cells.start[song]
    if cell.count > 1 { DateBlock(cell).prefetch(date) }
  }

  /// The value of a date of a song that exists or is the next one, with 0 for what is new; the pointer
  /// holds until the next call.
  @inline(__always)
  mutating func value(of song: Int, on date: UInt32) -> UnsafeMutablePointer<Int64> {
    if song == cells.count {
      dateBound = max(dateBound, date + 1)
      cells.append(Cell(value: 0, date: date, count: 1))
      return unsafe Self.value(of: cells.start + song)
    }
    let cell = unsafe cells.start + song
    if unsafe cell.pointee.count > 1 {
      if let value = unsafe DateBlock(cell.pointee).value(on: date) { return unsafe value }
    } else if unsafe cell.pointee.date == date {
      return unsafe Self.value(of: cell)
    }
    return unsafe addDate(date, to: song)
  }

  /// Calls `body` with each date number and value of a song, in no order.
  @inline(__always)
  func forEachDate(of song: Int, _ body: (UInt32, Int64) -> Void) {
    let cell = cells[song]
    guard cell.count > 1 else { return body(cell.date, cell.value) }
    DateBlock(cell).forEachDate(body)
  }

  @inline(__always)
  private static func value(
    of cell: UnsafeMutablePointer<Cell>
  ) -> UnsafeMutablePointer<Int64> {
    // `value` is the first member of Cell, so that the cell's address is its address.
    unsafe UnsafeMutableRawPointer(cell).assumingMemoryBound(to: Int64.self)
  }

  /// Makes room for a date that the song does not have, and returns its value.
  @inline(never)
  private mutating func addDate(_ date: UInt32, to song: Int) -> UnsafeMutablePointer<Int64> {
    dateBound = max(dateBound, date + 1)
    var cell = cells[song]
    if cell.count == 1 {
      let block = DateBlock.table(4)
      blockBytes += block.size
      unsafe block.put(cell.date).pointee = cell.value
      cell = block.cell(count: 1)
    } else if !DateBlock(cell).hasRoom(for: cell.count + 1, with: date) {
      let old = DateBlock(cell)
      let count = old.dateCount(of: cell)
      let block = DateBlock.forDates(count + 1, below: dateBound)
      old.forEachDate { date, value in unsafe block.put(date).pointee = value }
      blockBytes += block.size - old.size
      old.free()
      cell = block.cell(count: count)
    }
    cell.count += 1
    cells[song] = cell
    return unsafe DateBlock(cell).put(date)
  }
}
