/// Reads rows that were told, from their first to their last.
///
/// Bytes that are not those of an encoder give other rows, or fewer, and nothing worse.
///
/// Why the unsafe accesses hold: `coded` has `margin` bytes behind `end`, and each part of `before` is of that size; a block that is
/// not full has 1024 left. So whatever lengths a header names stay inside of all three; those of a row that is told whole are compared
/// with what there is.
package struct RowDecoder: Sendable {
  /// Bytes that were read and not yet taken: those from `at` to `end`.
  private var coded: [UInt8] = []
  private var at = 0
  private var end = 0
  private var isAtEnd = false
  /// What the next row may have in common with the one before it: the first bytes of its song, and from `margin` on of its date.
  private var before = [UInt8](repeating: 0, count: 2 * Self.margin)

  private static let margin = RowCode.longest + RowBlock.slack

  /// For what begins with the first row of a block that was encoded.
  package init() {}

  /// Appends the next rows to an empty block, until it is full or there are no more.
  ///
  /// A quarter of a block is read ahead, and of a long row all of it until the block has it.
  ///
  /// - Parameters:
  ///   - block: Is left empty at the end, and only there.
  ///   - read: Fills a buffer with the bytes that come next, and returns how many there are; 0 at the end.
  /// - Throws: What `read` throws; the rows that the block has by then are not given again.
  package mutating func fill<Failure: Error>(
    _ block: inout RowBlock,
    from read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) {
    let usual = max(4096, block.limit / 4)
    while !block.isFull {
      let missing = take(into: &block)
      if missing == 0 { continue }
      if isAtEnd { break }
      // No more than is there, whatever a length says.
      try unsafe readMore(max(usual, min(missing, 2 * (end - at))), usual: usual, from: read)
    }
    // Others are read now, each with its own.
    if coded.count > 4 * usual, end - at <= usual { moveToFront(room: usual) }
  }

  /// Reads up to so many bytes behind those that are there.
  private mutating func readMore<Failure: Error>(
    _ count: Int, usual: Int, from read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) {
    moveToFront(room: max(count, usual + RowCode.longest))
    let start = end
    let added = try unsafe coded.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try unsafe read(
        UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(rebasing: bytes[start..<start + count])))
    }
    end += added
    isAtEnd = added == 0
  }

  /// Moves the bytes that are there to the front, with room for so many behind them; where that is much less than there is room for, memory
  /// is given back.
  private mutating func moveToFront(room: Int) {
    let count = end - at
    let needed = count + room + Self.margin
    if coded.count < needed || coded.count > 4 * needed {
      var other = [UInt8](repeating: 0, count: needed)
      other.replaceSubrange(..<count, with: coded[at..<end])
      coded = other
    } else if at > 0 {
      let start = at
      unsafe coded.withUnsafeMutableBytes { bytes in
        unsafe bytes.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
      }
    }
    (at, end) = (0, count)
  }

  /// Appends rows until the block is full, or what is left may be no whole row.
  ///
  /// - Returns: How many bytes the next row lacks, or may lack; 0 where the block is full.
  private mutating func take(into block: inout RowBlock) -> Int {
    let (end, isAtEnd) = (end, isAtEnd)
    var place = at
    var missing = 0
    let last: RowView? = unsafe coded.withUnsafeBytes { coded in
      unsafe before.withUnsafeBytes { before in
        guard unsafe !coded.isEmpty, let bytes = coded.baseAddress, var song = before.baseAddress
        else {
          missing = RowCode.longest
          return nil
        }
        var date = unsafe song + Self.margin
        var row: RowView?
        while !block.isFull {
          let left = end - place
          if left < RowCode.longest, !isAtEnd || left <= 0 {
            missing = RowCode.longest
            break
          }
          let code = unsafe bytes + place
          if unsafe code.load(as: UInt8.self) == RowCode.isWhole {
            let needed = unsafe 1 + RowBlock.rowSize(at: code + 1)
            if needed > left {
              missing = needed - left
              break
            }
            var cursor = unsafe RowCursor(at: code + 1, end: code + needed)
            guard let whole = cursor.next() else { break }
            row = block.append(copyOf: whole)
            place += needed
          } else {
            let (new, size) = unsafe block.append(code: code, song: song, date: date)
            row = new
            place += size
          }
          if let row, let newSong = unsafe row.song.baseAddress,
            let newDate = unsafe row.date.baseAddress
          {
            unsafe (song, date) = (newSong, newDate)
          }
        }
        return row
      }
    }
    at = min(place, end)
    if let last { remember(last) }
    return missing
  }

  private mutating func remember(_ row: RowView) {
    let (song, date) = unsafe (
      row.song.prefix(RowCode.longestSongPart), row.date.prefix(RowCode.longestDatePart)
    )
    unsafe before.withUnsafeMutableBytes { before in
      unsafe before.copyBytes(from: song)
      unsafe UnsafeMutableRawBufferPointer(rebasing: before[Self.margin...]).copyBytes(from: date)
    }
  }
}

extension RowBlock {
  /// Appends a row that is not told whole, to a block that is not full.
  ///
  /// - Parameters:
  ///   - code: The row as it is told.
  ///   - song: Of the row before.
  ///   - date: Of the row before.
  /// - Returns: The row, and how many bytes of code it was.
  @inline(__always)
  fileprivate mutating func append(
    code: UnsafeRawPointer, song: UnsafeRawPointer, date: UnsafeRawPointer
  ) -> (RowView, Int) {
    let header = unsafe UInt64(littleEndian: code.loadUnaligned(as: UInt64.self))
    let (sameSong, moreSong) = (Int(header & 255), Int(header >> 8 & 255))
    let (sameDate, moreDate) = (Int(header >> 20 & 15), Int(header >> 16 & 15))
    var plays = Int64(header >> 24 & 65535)
    var size = RowCode.headerSize
    let newSong = unsafe base + used + Self.headerSize
    unsafe RowCode.copy(from: song, to: newSong, count: sameSong)
    unsafe RowCode.copy(from: code + size, to: newSong + sameSong, count: moreSong)
    size += moreSong
    let newDate = unsafe newSong + sameSong + moreSong
    unsafe RowCode.copy(from: date, to: newDate, count: sameDate)
    unsafe RowCode.copy(from: code + size, to: newDate + sameDate, count: moreDate)
    size += moreDate
    if plays == Int64(RowCode.playsFollow) {
      plays = unsafe code.loadUnaligned(fromByteOffset: size, as: Int64.self)
      size += 8
    }
    let row = unsafe RowView(
      song: UnsafeRawBufferPointer(start: newSong, count: sameSong + moreSong),
      date: UnsafeRawBufferPointer(start: newDate, count: sameDate + moreDate), plays: plays)
    unsafe Self.writeHeader(of: row, to: base + used)
    used += Self.headerSize + sameSong + moreSong + sameDate + moreDate
    rowCount += 1
    return (row, size)
  }
}
