/// What a song has on each of its dates: one number a date.
///
/// A song of one date, which is every song of a file without repetition, takes 16 bytes and no other memory.
/// From the second date on it has a block: an open-addressing table from the date's number to the value,
/// probed from that number on. Dates are numbered as they appear, so that a song heard on nearly every
/// day has a table that is nearly an array, and adding to it costs one access. Dates chosen so that they
/// collide cost at most the square root of the number of dates: whoever wants n of them to fall on
/// one slot of a table of n has to send n * n dates.
///
/// Blocks are allocated one by one and freed when they are outgrown: in a file of few songs all of them grow at
/// a time, and what the one leaves the next one gets.
///
/// Why the unsafe accesses hold: `value` of a cell of several dates is the address of a block that belongs to it
/// alone, `capacity` words of values and half as many of date numbers; indices are masked to the capacity.
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
    /// How many dates the song has.
    var count: UInt32
  }

  private var cells = Storage<Cell>()
  private var blockBytes = 0

  deinit {
    for song in 0..<cells.count where cells[song].count > 1 {
      unsafe Self.block(of: cells[song]).deallocate()
    }
  }

  /// How many songs there are.
  var count: Int { cells.count }

  var memoryInUse: Int { cells.memoryInUse + blockBytes }

  /// The date and value of a song that has one date only.
  @inline(__always)
  func single(_ song: Int) -> (date: UInt32, value: Int64)? {
    let cell = cells[song]
    return cell.count == 1 ? (cell.date, cell.value) : nil
  }

  /// The value of a date of a song that exists or is the next one, with 0 for what is new; the pointer
  /// holds until the next call.
  @inline(__always)
  mutating func value(of song: Int, on date: UInt32) -> UnsafeMutablePointer<Int64> {
    if song == cells.count {
      cells.append(Cell(value: 0, date: date, count: 1))
      return unsafe Self.value(of: cells.start + song)
    }
    let cell = unsafe cells.start + song
    if unsafe cell.pointee.count > 1 {
      let capacity = unsafe Int(cell.pointee.date)
      let values = unsafe Self.block(of: cell.pointee)
      let dates = unsafe Self.dates(of: values, capacity)
      var slot = Int(date) & (capacity - 1)
      while true {
        let found = unsafe dates[slot]
        if found == date &+ 1 { return unsafe values + slot }
        if found == 0 { break }
        slot = (slot + 1) & (capacity - 1)
      }
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
    let capacity = Int(cell.date)
    let values = unsafe Self.block(of: cell)
    let dates = unsafe Self.dates(of: values, capacity)
    for slot in 0..<capacity where unsafe dates[slot] != 0 {
      unsafe body(dates[slot] - 1, values[slot])
    }
  }

  @inline(__always)
  private static func value(
    of cell: UnsafeMutablePointer<Cell>
  ) -> UnsafeMutablePointer<Int64> {
    // `value` is the first member of Cell, so that the cell's address is its address.
    unsafe UnsafeMutableRawPointer(cell).assumingMemoryBound(to: Int64.self)
  }

  @inline(__always)
  private static func dates(
    of values: UnsafeMutablePointer<Int64>, _ capacity: Int
  ) -> UnsafeMutablePointer<UInt32> {
    unsafe UnsafeMutableRawPointer(values + capacity).assumingMemoryBound(to: UInt32.self)
  }

  @inline(__always)
  private static func block(of cell: Cell) -> UnsafeMutablePointer<Int64> {
    guard let block = unsafe UnsafeMutablePointer<Int64>(bitPattern: Int(cell.value)) else {
      preconditionFailure("a song of several dates has a block")
    }
    return unsafe block
  }

  /// Makes room for a date that the song does not have, and returns its value.
  @inline(never)
  private mutating func addDate(_ date: UInt32, to song: Int) -> UnsafeMutablePointer<Int64> {
    var cell = cells[song]
    // At least a quarter of a block stays empty, so that a search ends.
    if cell.count == 1 {
      let block = unsafe makeBlock(4)
      unsafe Self.put(cell.date, in: block, 4).pointee = cell.value
      (cell.value, cell.date) = (Int64(Int(bitPattern: block)), 4)
    } else if (cell.count + 1) * 4 > cell.date * 3 {
      let capacity = Int(cell.date)
      let block = unsafe makeBlock(capacity * 2)
      forEachDate(of: song) { date, value in
        unsafe Self.put(date, in: block, capacity * 2).pointee = value
      }
      unsafe Self.block(of: cell).deallocate()
      blockBytes -= Self.size(of: capacity)
      (cell.value, cell.date) = (Int64(Int(bitPattern: block)), UInt32(capacity * 2))
    }
    cell.count += 1
    cells[song] = cell
    return unsafe Self.put(date, in: Self.block(of: cell), Int(cell.date))
  }

  /// Puts a date into a block that does not have it, with the value 0.
  private static func put(
    _ date: UInt32, in values: UnsafeMutablePointer<Int64>, _ capacity: Int
  ) -> UnsafeMutablePointer<Int64> {
    let dates = unsafe Self.dates(of: values, capacity)
    var slot = Int(date) & (capacity - 1)
    while unsafe dates[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
    unsafe dates[slot] = date + 1
    unsafe values[slot] = 0
    return unsafe values + slot
  }

  private static func size(of capacity: Int) -> Int { capacity * 12 }

  private mutating func makeBlock(_ capacity: Int) -> UnsafeMutablePointer<Int64> {
    let size = Self.size(of: capacity)
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
    unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    blockBytes += size
    return unsafe block.assumingMemoryBound(to: Int64.self)
  }
}
