import CByteMask
import CSV

/// Groups that rows named lately, found by the bytes of song and date as they lie beside each other in a record, and
/// what was added to each since.
///
/// Most files say the same few songs and dates again and again. One look at 64 bytes, without a branch on
/// any length, then stands for two searches in dictionaries and one for the sum. It is a guess: where less
/// than half of a batch is found, `Tally` does without it for a while.
///
/// Why the unsafe accesses hold: both pieces of memory have an element a slot and belong to this one value
/// (`~Copyable`), which is why it may go to another thread (`@unchecked Sendable`); a place is masked to the slots. Of
/// a row 64 bytes are read, which `place` has checked to lie within the buffer.
@safe
struct RecentGroups: ~Copyable, @unchecked Sendable {
  struct Group {
    var song: UInt32
    var date: UInt32
    /// What was added and is not in the cells.
    var sum: Int64
    /// Where the two lie in the slot's bytes; zero where nothing does.
    var shape: UInt64
  }

  /// Where a row would be; it holds as long as the row's buffer.
  @unsafe
  struct Place {
    fileprivate let slot: Int
    fileprivate let shape: UInt64
    /// A bit for each byte that counts.
    fileprivate let mask: UInt64
    fileprivate let bytes: UnsafePointer<UInt8>
  }

  private static let slots = 1024
  private static let width = 64

  private let bytes: UnsafeMutablePointer<UInt8>
  private let groups: UnsafeMutablePointer<Group>

  init() {
    unsafe bytes = .allocate(capacity: Self.slots * Self.width)
    unsafe bytes.initialize(repeating: 0, count: Self.slots * Self.width)
    unsafe groups = .allocate(capacity: Self.slots)
    unsafe groups.initialize(
      repeating: Group(song: 0, date: 0, sum: 0, shape: 0), count: Self.slots)
  }

  deinit {
    unsafe bytes.deallocate()
    unsafe groups.deallocate()
  }

  static var memory: Int { slots * (width + MemoryLayout<Group>.stride) }

  /// Where a row would be; nil where song and date are not within 64 bytes, or are fewer than eight, or the
  /// buffer ends within 64 bytes.
  @inline(__always)
  static func place(of row: PlayRow, in buffer: UnsafeRawBufferPointer) -> Place? {
    let start = min(row.songStart, row.dateStart)
    let (song, date) = (row.songStart &- start, row.dateStart &- start)
    let length = max(song &+ row.songLength, date &+ row.dateLength)
    guard length &- 8 <= UInt32(width - 8), Int(start) + width <= buffer.count,
      let base = buffer.baseAddress
    else { return nil }
    // Each is 64 at most.
    let shape =
      UInt64(song) << 48 | UInt64(row.songLength) << 32 | UInt64(date) << 16
      | UInt64(row.dateLength)
    let bytes = unsafe (base + Int(start)).assumingMemoryBound(to: UInt8.self)
    // Beginning, middle and end tell nearly all keys of a file apart, and those that they do not tell only push one
    // another out.
    let middle = unsafe word(bytes + Int(length &- 8) / 2)
    let mixed =
      unsafe word(bytes) &* 0x9E37_79B9_7F4A_7C15
      ^ middle &* 0xC2B2_AE3D_27D4_EB4F ^ word(bytes + Int(length &- 8)) &* 0xD6E8_FEB8_6659_FD93
    let slot = ((mixed ^ mixed &>> 32) &* 0xA076_1D64_78BD_642F) &>> 54
    return unsafe Place(
      slot: Int(slot), shape: shape, mask: ~0 &>> UInt64(UInt32(width) &- length), bytes: bytes)
  }

  /// Adds to the row's group where it is here and the sum stays within 64 bits, or else does nothing and returns
  /// false.
  @inline(__always)
  mutating func add(_ plays: Int64, at place: Place) -> Bool {
    unsafe add(plays, at: place, place.slot) || add(plays, at: place, place.slot ^ 1)
  }

  @inline(__always)
  private mutating func add(_ plays: Int64, at place: Place, _ slot: Int) -> Bool {
    let group = unsafe groups + slot
    let equal = unsafe byte_mask_of_equal(bytes + slot &* Self.width, place.bytes)
    guard unsafe (group.pointee.shape ^ place.shape) | (~equal & place.mask) == 0 else {
      return false
    }
    let (sum, overflow) = unsafe group.pointee.sum.addingReportingOverflow(plays)
    if overflow { return false }
    unsafe group.pointee.sum = sum
    return true
  }

  /// Puts a row's group into its place, with nothing added, and returns what it pushes out: nothing, where one of
  /// the two slots is empty.
  mutating func put(song: UInt32, date: UInt32, at place: Place) -> Group {
    let slot =
      unsafe groups[place.slot].shape == 0 || groups[place.slot ^ 1].shape != 0
      ? place.slot : place.slot ^ 1
    let old = unsafe groups[slot]
    unsafe groups[slot] = Group(song: song, date: date, sum: 0, shape: place.shape)
    unsafe (bytes + slot * Self.width).update(from: place.bytes, count: Self.width)
    return old
  }

  /// Gives out what was added to each group, and forgets it.
  mutating func takeAll(_ body: (Group) -> Void) {
    for slot in 0..<Self.slots {
      unsafe body(groups[slot])
      unsafe groups[slot].sum = 0
    }
  }

  @inline(__always)
  private static func word(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    unsafe UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)
  }
}
