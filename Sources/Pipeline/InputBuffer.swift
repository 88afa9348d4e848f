/// The bytes that were read and not yet parsed: the caller-owned buffer of `PlaysReader`.
///
/// Why the unsafe accesses hold: the memory belongs to this one value, which also is why it may go to
/// another thread, `start` and `end` stay within it, and the slices it lends end with the call or with
/// the next `makeRoom`.
@safe
struct InputBuffer: ~Copyable, @unchecked Sendable {
  private var memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0

  private let initialCapacity: Int

  init(capacity: Int) {
    initialCapacity = capacity
    unsafe memory = .allocate(byteCount: capacity, alignment: 64)
  }

  deinit { unsafe memory.deallocate() }

  /// What waits to be parsed.
  var unparsed: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start..<end])
  }

  mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= end - start, "no more is parsed than was lent")
    start += count
  }

  /// Moves the unparsed tail to the front and returns the room behind it, at least `least` bytes.
  ///
  /// A record longer than the buffer makes it grow by doubling; the parser's `maxRecord` bounds that.
  mutating func makeRoom(least: Int) -> UnsafeMutableRawBufferPointer {
    let tail = end - start
    let unparsed = unsafe UnsafeRawBufferPointer(unparsed)
    if unsafe tail + least > memory.count {
      let bigger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: unsafe max(memory.count * 2, tail + least), alignment: 64)
      unsafe bigger.copyMemory(from: unparsed)
      unsafe memory.deallocate()
      unsafe memory = bigger
    } else if start > 0 {
      unsafe memory.copyMemory(from: unparsed)
    }
    (start, end) = (0, tail)
    return unsafe UnsafeMutableRawBufferPointer(rebasing: memory[end...])
  }

  /// Says how many bytes were put into the room.
  mutating func fill(_ count: Int) {
    let room = unsafe memory.count - end
    precondition(count >= 0 && count <= room, "no more was read than there is room")
    end += count
  }

  var count: Int { end - start }

  /// Forgets the bytes, and gives back what one long record made it ask for.
  mutating func removeAll() {
    (start, end) = (0, 0)
    guard unsafe memory.count > 8 * initialCapacity else { return }
    unsafe memory.deallocate()
    unsafe memory = .allocate(byteCount: initialCapacity, alignment: 64)
  }

  /// Lends the unparsed bytes to a reader, which may change them.
  mutating func withBytes<Result, Failure: Error>(
    _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let unparsed = unsafe self.unparsed
    var span = unsafe MutableSpan<UInt8>(
      _unsafeElements: unparsed.assumingMemoryBound(to: UInt8.self))
    return try body(&span)
  }

  /// Appends the first unparsed bytes of another buffer.
  mutating func append(_ other: borrowing InputBuffer, count: Int) {
    let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: other.unparsed[..<count])
    if count == 0 { return }
    unsafe makeRoom(least: bytes.count).copyMemory(from: UnsafeRawBufferPointer(bytes))
    fill(bytes.count)
  }

  /// Moves all but the first `count` unparsed bytes into another buffer, in place of what that has.
  mutating func split(at count: Int, into rest: inout InputBuffer) {
    precondition(count >= 0 && count <= end - start, "the cut lies within the buffer")
    rest.removeAll()
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: unparsed[count...])
    if bytes.count > 0 {
      unsafe rest.makeRoom(least: bytes.count).copyMemory(from: bytes)
      rest.fill(bytes.count)
    }
    end = start + count
  }
}
