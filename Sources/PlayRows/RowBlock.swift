/// Rows in one piece of memory.
///
/// Why the unsafe accesses hold: the memory belongs to this one value (`~Copyable`), which also is why it may
/// go to another thread; whoever appends writes within `capacity`, has grown it before or knows that a block that is not full
/// has 1024 bytes left, and leaves `slack` bytes behind the last row; a
/// `Cursor` reads within `byteCount`, from one row that was appended to the next. Loads and
/// stores are unaligned ones.
@safe
public struct RowBlock: ~Copyable, @unchecked Sendable {
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var capacity: Int
  @usableFromInline var used = 0
  @usableFromInline var rowCount = 0
  /// Bytes used, the rows' headers included.
  @inlinable public var byteCount: Int { used }
  /// How many rows there are.
  @inlinable public var count: Int { rowCount }
  /// Bytes from which the block counts as full; a last row may go beyond.
  public let limit: Int

  @inlinable static var headerSize: Int { 16 }
  /// What may be read behind the last row, by whoever reads 16 bytes at a time.
  @inlinable static var slack: Int { 16 }

  /// - Parameter limit: Bytes at which `isFull` turns true.
  public init(limit: Int) {
    self.limit = limit
    capacity = limit + 1024
    unsafe base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { unsafe base.deallocate() }

  /// True from `limit` bytes on.
  @inlinable public var isFull: Bool { byteCount >= limit }
  /// True where there is no row.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// Forgets the rows, and gives back what one long row made it ask for.
  public mutating func removeAll() {
    used = 0
    rowCount = 0
    let usual = limit + 1024
    guard capacity > 4 * usual else { return }
    unsafe base.deallocate()
    capacity = usual
    unsafe base = .allocate(byteCount: usual, alignment: 16)
  }

  /// Appends a row, whose bytes are copied.
  @inlinable
  @inline(__always)
  public mutating func append(
    song: UnsafeRawBufferPointer, date: UnsafeRawBufferPointer, plays: Int64
  ) {
    let size = Self.headerSize + song.count + date.count
    if byteCount + size + Self.slack > capacity { grow(to: byteCount + size) }
    used += unsafe Self.write(RowView(song: song, date: date, plays: plays), to: base + byteCount)
    rowCount += 1
  }

  /// Appends a row that lies in another block, as it lies there.
  ///
  /// - Returns: The row in this block; it holds until the block is changed.
  @inlinable
  @inline(__always)
  public mutating func append(copyOf row: RowView) -> RowView {
    guard let song = unsafe row.song.baseAddress else {
      preconditionFailure("a row of a block has an address")
    }
    let size = unsafe Self.headerSize + row.song.count + row.date.count
    if byteCount + size + Self.slack > capacity { grow(to: byteCount + size) }
    let copy = unsafe base + byteCount
    // The header lies before the song, and the date behind it.
    unsafe copyBytes(from: song - Self.headerSize, to: copy, count: size)
    used += size
    rowCount += 1
    let bytes = unsafe UnsafeRawPointer(copy + Self.headerSize)
    return unsafe RowView(
      song: UnsafeRawBufferPointer(start: bytes, count: row.song.count),
      date: UnsafeRawBufferPointer(start: bytes + row.song.count, count: row.date.count),
      plays: row.plays)
  }

  /// Changes the plays of the row that begins at a place.
  @inlinable
  @inline(__always)
  public mutating func setPlays(_ plays: Int64, at place: Int) {
    precondition(place >= 0 && place + Self.headerSize <= byteCount, "no row begins there")
    unsafe (base + place).storeBytes(of: plays, toByteOffset: 8, as: Int64.self)
  }

  /// The row that begins at a place, from 0, or nil at the end; moves the place to the next row.
  @inlinable
  @inline(__always)
  public borrowing func next(_ place: inout Int) -> RowView? {
    guard place < byteCount else { return nil }
    var cursor = unsafe RowCursor(at: base + place, end: base + byteCount)
    defer { place = unsafe cursor.at - UnsafeRawPointer(base) }
    return cursor.next()
  }

  /// Walks all rows; it holds until the block is changed or gone.
  @inlinable
  public borrowing func makeCursor() -> RowCursor {
    unsafe RowCursor(at: base, end: base + byteCount)
  }

  /// Bytes of the row that begins at a place, of whose header all is there.
  static func rowSize(at place: UnsafeRawPointer) -> Int {
    unsafe headerSize + Int(place.loadUnaligned(as: UInt32.self))
      + Int(place.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
  }

  /// Writes what comes before a row's bytes.
  @inlinable
  @inline(__always)
  static func writeHeader(of row: RowView, to place: UnsafeMutableRawPointer) {
    unsafe place.storeBytes(of: UInt32(truncatingIfNeeded: row.song.count), as: UInt32.self)
    unsafe place.storeBytes(
      of: UInt32(truncatingIfNeeded: row.date.count), toByteOffset: 4, as: UInt32.self)
    unsafe place.storeBytes(of: row.plays, toByteOffset: 8, as: Int64.self)
  }

  /// Writes a row to where there is room for it.
  ///
  /// - Returns: Its size in bytes.
  @inlinable
  @inline(__always)
  static func write(_ row: RowView, to place: UnsafeMutableRawPointer) -> Int {
    unsafe writeHeader(of: row, to: place)
    let (song, date) = unsafe (row.song, row.date)
    if let start = song.baseAddress {
      unsafe copyBytes(from: start, to: place + headerSize, count: song.count)
    }
    if let start = date.baseAddress {
      unsafe copyBytes(from: start, to: place + headerSize + song.count, count: date.count)
    }
    return headerSize + song.count + date.count
  }

  @usableFromInline
  @inline(never)
  mutating func grow(to needed: Int) {
    let newCapacity = max(needed + Self.slack, capacity * 2)
    let bigger = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
    unsafe bigger.copyMemory(from: base, byteCount: byteCount)
    unsafe base.deallocate()
    unsafe base = bigger
    capacity = newCapacity
  }
}

/// Walks the rows of a block, without asking the block.
///
/// Why the unsafe accesses hold: whoever keeps one keeps the block, and does not change it meanwhile; `at` goes from one
/// row that was appended to the next, and `end` is the end of the last one.
@safe
public struct RowCursor: BitwiseCopyable {
  @usableFromInline var at: UnsafeRawPointer
  @usableFromInline let end: UnsafeRawPointer

  @inlinable
  @inline(__always)
  init(at: UnsafeRawPointer, end: UnsafeRawPointer) {
    unsafe self.at = at
    unsafe self.end = end
  }

  /// The next row, or nil at the end.
  @inlinable
  @inline(__always)
  public mutating func next() -> RowView? {
    guard unsafe at < end else { return nil }
    let songCount = unsafe Int(at.loadUnaligned(as: UInt32.self))
    let dateCount = unsafe Int(at.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let plays = unsafe at.loadUnaligned(fromByteOffset: 8, as: Int64.self)
    let bytes = unsafe at + RowBlock.headerSize
    unsafe at = bytes + songCount + dateCount
    return unsafe RowView(
      song: UnsafeRawBufferPointer(start: bytes, count: songCount),
      date: UnsafeRawBufferPointer(start: bytes + songCount, count: dateCount), plays: plays)
  }
}
