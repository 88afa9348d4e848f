/// One accepted row, as offsets into the buffer of the `read` that delivered it: 24 bytes, no
/// memory of its own.
///
/// Public, as `RowBatch`, for the compiler (swift 6.3) takes nothing that is `package` into another module's loops.
@frozen
public struct PlayRow: Hashable, Sendable {
  /// Offset of the song's first byte; its quotes are undone.
  public var songStart: UInt32
  /// Length of the song in bytes, which may be none.
  public var songLength: UInt32
  /// Offset of the date's first byte; its quotes are undone.
  public var dateStart: UInt32
  /// Length of the date in bytes, which may be none.
  public var dateLength: UInt32
  /// The plays of this row alone.
  public var plays: Int64

  /// The song's bytes in the buffer.
  public var song: Range<Int> {
    @inlinable @inline(__always) get { Int(songStart)..<Int(songStart) + Int(songLength) }
  }
  /// The date's bytes in the buffer.
  public var date: Range<Int> {
    @inlinable @inline(__always) get { Int(dateStart)..<Int(dateStart) + Int(dateLength) }
  }

  @inline(__always)
  init(
    songStart: UInt32, songLength: UInt32, dateStart: UInt32, dateLength: UInt32, plays: Int64
  ) {
    self.songStart = songStart
    self.songLength = songLength
    self.dateStart = dateStart
    self.dateLength = dateLength
    self.plays = plays
  }

  /// Both ranges lie below 4 GiB.
  @inline(__always)
  package init(song: Range<Int>, date: Range<Int>, plays: Int64) {
    songStart = UInt32(truncatingIfNeeded: song.lowerBound)
    songLength = UInt32(truncatingIfNeeded: song.upperBound &- song.lowerBound)
    dateStart = UInt32(truncatingIfNeeded: date.lowerBound)
    dateLength = UInt32(truncatingIfNeeded: date.upperBound &- date.lowerBound)
    self.plays = plays
  }
}

/// A list of rows of fixed capacity that is filled again and again without asking for memory.
///
/// Why the unsafe accesses hold: the memory belongs to this one value (it is `~Copyable`), is freed
/// by `deinit` alone, and each access is checked against `count` or `capacity` first; rows are
/// trivial, so that stale ones beyond `count` need no care. Sole ownership also is why the value
/// may go to another thread (`@unchecked Sendable`, for a pointer is not).
@safe
public struct RowBatch: ~Copyable, @unchecked Sendable {
  @usableFromInline let base: UnsafeMutablePointer<PlayRow>
  package let capacity: Int
  @usableFromInline package internal(set) var count = 0
  /// Of the fast way; kept here for its memory.
  package var ends = FieldEnds()

  /// - Parameter capacity: In rows, from 1.
  package init(capacity: Int) {
    precondition(capacity > 0, "a batch without room would never let the reader go on")
    self.capacity = capacity
    unsafe base = .allocate(capacity: capacity)
  }

  deinit { unsafe base.deallocate() }

  package var isEmpty: Bool { count == 0 }
  package var isFull: Bool { count == capacity }

  package subscript(index: Int) -> PlayRow {
    @inline(__always) get {
      precondition(index >= 0 && index < count, "row outside the batch")
      return unsafe base[index]
    }
  }

  /// Lends the rows as a span.
  @inlinable
  public borrowing func withRows<Result, Failure: Error>(
    _ body: (Span<PlayRow>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe Span(_unsafeStart: base, count: count))
  }

  package mutating func removeAll() { count = 0 }

  /// The room for rows that is left, for `PlainLoop`, which says by `appendFree` how many it wrote.
  @inline(__always)
  var free: UnsafeMutablePointer<PlayRow> { unsafe base + count }

  /// Takes the first rows of the free room for appended.
  mutating func appendFree(_ added: Int) {
    precondition(added >= 0 && added <= capacity - count, "rows that there was room for")
    count += added
  }

  @inline(__always)
  mutating func append(_ row: PlayRow) {
    precondition(count < capacity, "the reader stops at a full batch")
    unsafe (base + count).initialize(to: row)
    count += 1
  }
}
