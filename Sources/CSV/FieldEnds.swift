import CByteMask
package import ContentHash

/// Where fields end, in the order of the file, found 64 bytes at a time ahead of the rows.
///
/// Exact, quoted fields too, for as far as it goes: it stops before a quote that is not one of a plainly quoted field.
/// Who has a piece of whole records before him, and its bytes to hash, can have all of it looked through at once
/// (`lookAhead`); else the rows' reader looks ahead as far as it needs. Kept from call to call for its memory.
package struct FieldEnds: ~Copyable, Sendable {
  /// The first one stands for the end of the field before the record at which the search began.
  private(set) var ends = OffsetList()
  /// What lies within quotes at which no field ends: line ends, and the second of two quotes that stand for one.
  private(set) var within = OffsetList()
  /// Offsets are kept from here on, so that 32 bits suffice.
  private(set) var origin = 0
  /// How many of `ends` may be used: those before the limit.
  private(set) var known = 0
  /// Of the first field end of the record that is read next, and of what lies within quotes in it or behind it.
  var entry = 0
  var withinEntry = 0
  /// All before this offset was looked through ahead, and is ASCII without NUL.
  private(set) var plainEnd = 0
  /// True where what is here is the buffer's, by `lookAhead`.
  private var isAhead = false
  private var scan = field_scan()
  private var separator: UInt8 = 0
  /// What is looked at next, and the last offset at which 64 bytes may be loaded.
  private var next = 0
  private var last = 0
  /// How many times 64 bytes are looked at in one step: little at first, for a record that is not plain
  /// has it all done again behind it.
  private var words = fewestWords

  private static let fewestWords = 2
  private static let mostWords = 64
  private static let wordsAhead = 256

  package init() {}

  /// False where no quote was seen.
  var hasQuotes: Bool { scan.quotes != 0 }

  /// Looks through a buffer that begins with a record, hashing a part of it on the way.
  ///
  /// - Parameters:
  ///   - buffer: Nothing of it is changed.
  ///   - separator: Of the file.
  ///   - new: What of the buffer is to be hashed.
  ///   - hash: Of the bytes before those.
  package mutating func lookAhead(
    in buffer: inout MutableSpan<UInt8>, separator: UInt8, hashing new: Range<Int>,
    into hash: inout ContentHash
  ) {
    unsafe buffer.withUnsafeMutableBufferPointer { pointer in
      let bytes = unsafe Bytes(pointer)
      begin(at: 0, limit: bytes.count, separator: separator)
      isAhead = true
      var unhashed = new
      var isPlain = true
      while last >= next {
        let words = min(Self.wordsAhead, (last - next) / 64 + 1)
        ends.reserve(64 * words)
        within.reserve(64 * words)
        let block = unhashed.prefix(64 * words)
        unhashed = block.upperBound..<new.upperBound
        let found = unsafe bytes.findFieldEnds(
          &scan, from: next, words: words, separator: separator, origin: UInt32(next - origin),
          &ends.list, &within.list, hashing: block, into: &hash)
        next += 64 * found.looked
        if isPlain { plainEnd += 64 * found.plain }
        isPlain = isPlain && found.plain == words
        if found.looked < words { break }
      }
      bytes.hash(unhashed, into: &hash)
      known = ends.count
    }
  }

  /// Says that another buffer is read, of which nothing is known.
  package mutating func forget() {
    isAhead = false
    plainEnd = 0
  }

  /// The offset behind the last line end that ends a record.
  ///
  /// - Parameter buffer: The one that `lookAhead` was given; it may be cut there afterwards.
  /// - Returns: The offset, or nil where none was found or not all was looked through; the last few bytes, less than
  ///   64, do not count.
  package borrowing func lastRecordEnd(in buffer: inout MutableSpan<UInt8>) -> Int? {
    unsafe buffer.withUnsafeMutableBufferPointer { pointer in
      let bytes = unsafe Bytes(pointer)
      guard isAhead, next + 64 > bytes.count else { return nil }
      var index = ends.count - 1
      while index > 0 {
        let end = origin + ends[index]
        // Behind a CR at the end of the buffer an LF may follow, which belongs to it.
        if bytes[end].endsLine, end + 1 < bytes.count {
          let isCRLF = bytes[end] == .carriageReturn && bytes[end + 1] == .lineFeed
          return end + (isCRLF ? 2 : 1)
        }
        index -= 1
      }
      return nil
    }
  }

  /// Goes to the start of a record; nothing will be used that ends behind `limit`.
  mutating func go(to start: Int, limit: Int, separator: UInt8) {
    guard isAhead else { return begin(at: start, limit: limit, separator: separator) }
    // Rows that were not read by these have their ends here, too.
    while entry < ends.count, origin + ends[entry] < start { entry += 1 }
    while withinEntry < within.count, origin + within[withinEntry] < start { withinEntry += 1 }
    guard entry < ends.count else { return begin(at: start, limit: limit, separator: separator) }
    last = limit - 64
    known = ends.count(below: limit - origin, from: entry)
  }

  /// Follows the buffer when `count` bytes leave its front.
  mutating func drop(_ count: Int) {
    guard isAhead else { return }
    origin -= count
    next -= count
    plainEnd -= count
  }

  /// Begins at the start of a record; nothing is looked at that ends behind `limit`.
  private mutating func begin(at start: Int, limit: Int, separator: UInt8) {
    forget()
    (entry, withinEntry) = (1, 0)
    self.separator = separator
    scan = field_scan(inside: 0, begins: 1, closed: 0, quotes: 0)
    origin = start - 1
    next = start
    last = limit - 64
    words = Self.fewestWords
    ends.removeAll()
    ends.append(0)
    within.removeAll()
    known = 1
  }

  /// Finds more; false where there is no more to find.
  @inline(never)
  mutating func extend(in bytes: Bytes) -> Bool {
    guard known == ends.count, last >= next, next - origin < 1 << 30 else { return false }
    let wanted = min(words, (last - next) / 64 + 1)
    ends.reserve(64 * wanted)
    within.reserve(64 * wanted)
    let looked = unsafe bytes.findFieldEnds(
      &scan, from: next, words: wanted, separator: separator, origin: UInt32(next - origin),
      &ends.list, &within.list)
    next += 64 * looked
    known = ends.count
    words = min(2 * words, Self.mostWords)
    return looked > 0
  }
}

/// Offsets, each greater than the one before.
///
/// Why the unsafe accesses hold: the memory belongs to this one value (`~Copyable`), which is why it may go to another
/// thread (`@unchecked Sendable`); `reserve` comes before whatever appends, and knows of the eight more that
/// `find_field_ends` may write; indices come from loops that are bounded by `count`, and debug builds check them.
@safe
struct OffsetList: ~Copyable, @unchecked Sendable {
  fileprivate var list: offset_list
  private var capacity = 256

  init() { unsafe list = offset_list(offsets: .allocate(capacity: capacity + 8), count: 0) }

  deinit { unsafe list.offsets.deallocate() }

  var count: Int { @inline(__always) get { unsafe list.count } }

  /// The offsets, for `PlainLoop`; the pointer holds until the next `reserve`.
  var start: UnsafePointer<UInt32> {
    @inline(__always) get { unsafe UnsafePointer(list.offsets) }
  }

  subscript(index: Int) -> Int {
    @inline(__always) get {
      assert(index >= 0 && index < count, "an offset that was found")
      return unsafe Int(list.offsets[index])
    }
  }

  /// How many of them are less than a bound, of which `start` are known to be.
  func count(below bound: Int, from start: Int) -> Int {
    var (low, high) = (start, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }

  mutating func removeAll() { unsafe list.count = 0 }

  mutating func append(_ offset: UInt32) {
    reserve(1)
    unsafe list.offsets[list.count] = offset
    unsafe list.count += 1
  }

  mutating func reserve(_ added: Int) {
    guard count + added > capacity else { return }
    capacity = max(count + added, 2 * capacity)
    let bigger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity + 8)
    unsafe bigger.moveInitialize(from: list.offsets, count: count)
    unsafe list.offsets.deallocate()
    unsafe list.offsets = bigger
  }
}
