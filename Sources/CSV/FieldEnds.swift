import CByteMask

/// Where fields end, in the order of the file, found 64 bytes at a time ahead of the rows.
///
/// Exact, quoted fields too, for as far as it goes: it stops before a quote that is not one of a plainly quoted field.
/// Kept from call to call for its memory.
struct FieldEnds: ~Copyable {
  /// The first one stands for the end of the field before the record at which the search began.
  private(set) var ends = OffsetList()
  /// What lies within quotes at which no field ends: line ends, and the second of two quotes that stand for one.
  private(set) var within = OffsetList()
  /// Offsets are kept from here on, so that 32 bits suffice.
  private(set) var origin = 0
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

  /// False where no quote was seen since `begin`.
  var hasQuotes: Bool { scan.quotes != 0 }

  /// Begins at the start of a record; nothing is looked at that ends behind `limit`.
  mutating func begin(at start: Int, limit: Int, separator: UInt8) {
    self.separator = separator
    scan = field_scan(inside: 0, begins: 1, closed: 0, quotes: 0)
    origin = start - 1
    next = start
    last = limit - 64
    words = Self.fewestWords
    ends.removeAll()
    ends.append(0)
    within.removeAll()
  }

  /// Finds more; false where there is no more to find.
  @inline(never)
  mutating func extend(in bytes: Bytes) -> Bool {
    guard last >= next, next - origin < 1 << 30 else { return false }
    let wanted = min(words, (last - next) / 64 + 1)
    ends.reserve(64 * wanted)
    within.reserve(64 * wanted)
    let looked = unsafe bytes.findFieldEnds(
      &scan, from: next, words: wanted, separator: separator, origin: UInt32(next - origin),
      &ends.list, &within.list)
    next += 64 * looked
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
