/// Tells the rows of blocks, each block by itself.
///
/// Why the unsafe accesses hold: the memory belongs to this one value (`~Copyable`), which also is why it may go to another
/// thread, and is as large as the most that the rows can become. Up to `slack` bytes are read behind a row that is not told whole,
/// and written behind what is told of it; a block has them behind its last row.
@safe
package struct RowEncoder: ~Copyable, @unchecked Sendable {
  private var base: UnsafeMutableRawPointer
  private var capacity = 1

  /// With the memory that it needs at first, which is none.
  package init() { unsafe base = .allocate(byteCount: capacity, alignment: 16) }

  deinit { unsafe base.deallocate() }

  /// Tells the rows of a block, and lends the bytes.
  package mutating func encode<Result, Failure: Error>(
    _ block: borrowing RowBlock, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeRoom(for: block)
    var out = unsafe base
    var rows = block.makeCursor()
    var before = unsafe RowView(
      song: UnsafeRawBufferPointer(start: base, count: 0),
      date: UnsafeRawBufferPointer(start: base, count: 0), plays: 0)
    while let row = rows.next() {
      unsafe out += Self.encode(row, after: before, to: out)
      before = row
    }
    return try body(unsafe RawSpan(_unsafeStart: base, byteCount: out - base))
  }

  private mutating func makeRoom(for block: borrowing RowBlock) {
    let needed = block.byteCount + block.count + RowBlock.slack
    guard needed > capacity else { return }
    unsafe base.deallocate()
    capacity = needed
    unsafe base = .allocate(byteCount: needed, alignment: 16)
  }

  /// - Returns: How many bytes were written.
  @inline(__always)
  private static func encode(
    _ row: RowView, after before: RowView, to out: UnsafeMutableRawPointer
  ) -> Int {
    let (song, date) = unsafe (row.song, row.date)
    guard song.count <= 2 * RowCode.longestSongPart, date.count <= 2 * RowCode.longestDatePart,
      let songBytes = song.baseAddress, let dateBytes = date.baseAddress,
      let songBefore = unsafe before.song.baseAddress,
      let dateBefore = unsafe before.date.baseAddress
    else { return unsafe encodeWhole(row, to: out) }
    let sameSong = unsafe RowCode.sameBytes(
      songBytes, songBefore, of: min(song.count, before.song.count, RowCode.longestSongPart))
    let sameDate = unsafe RowCode.sameBytes(
      dateBytes, dateBefore, of: min(date.count, before.date.count, RowCode.longestDatePart))
    let (moreSong, moreDate) = (song.count - sameSong, date.count - sameDate)
    guard moreSong <= RowCode.longestSongPart, moreDate <= RowCode.longestDatePart else {
      return unsafe encodeWhole(row, to: out)
    }
    let plays = UInt16(exactly: row.plays) ?? RowCode.playsFollow
    let header =
      UInt64(sameSong) | UInt64(moreSong) << 8 | UInt64(sameDate << 4 | moreDate) << 16
      | UInt64(plays) << 24
    unsafe out.storeBytes(of: header.littleEndian, as: UInt64.self)
    var size = RowCode.headerSize
    unsafe RowCode.copy(from: songBytes + sameSong, to: out + size, count: moreSong)
    size += moreSong
    unsafe RowCode.copy(from: dateBytes + sameDate, to: out + size, count: moreDate)
    size += moreDate
    if plays == RowCode.playsFollow {
      unsafe out.storeBytes(of: row.plays, toByteOffset: size, as: Int64.self)
      size += 8
    }
    return size
  }

  @inline(never)
  private static func encodeWhole(_ row: RowView, to out: UnsafeMutableRawPointer) -> Int {
    unsafe out.storeBytes(of: RowCode.isWhole, as: UInt8.self)
    return unsafe 1 + RowBlock.write(row, to: out + 1)
  }
}
