/// The groups of a tally: an open-addressing hash table with linear probing, over keys in one arena.
///
/// Why the unsafe accesses hold: a slot holds the index of a group that exists or 0; a group's key
/// lies at `keyStart` in the arena with the lengths that stand beside it, written once when the group
/// was made; offsets, not pointers, are kept, so that the arena may move when it grows.
@safe
struct GroupTable: ~Copyable {
  /// One group; 32 bytes.
  struct Group {
    let keyStart: UInt32
    let songLength: UInt32
    let dateLength: UInt32
    /// With `Keep.rows`: index of the last row of the group, plus one.
    var lastRow: UInt32
    /// The sum modulo 2^64; `carries` has the rest where there is one.
    var sum: Int64
    /// Kept so that growing the table needs no key.
    let hash: UInt64
  }

  private let seed: UInt64
  private var groups = Storage<Group>()
  private var arena = Storage<UInt8>(minimumCapacity: 1024)
  /// Upper half: of the hash; lower half: index of the group plus one; 0 is an empty slot.
  private var slots = Storage<UInt64>()
  private var mask: Int
  /// For the rare group whose sum left 64 bits: how often it wrapped, upwards counted positive.
  private var carries: [Int: Int64] = [:]

  private static let initialSlots = 1024

  init(seed: UInt64) {
    self.seed = seed
    mask = Self.initialSlots - 1
    slots.fill(with: 0, count: Self.initialSlots)
  }

  var count: Int { groups.count }

  var memoryInUse: Int {
    groups.memoryInUse + arena.memoryInUse + slots.memoryInUse + carries.count * 32
  }

  /// True when 32-bit offsets could not address one more key of the greatest length.
  var isAtLimit: Bool { arena.count > 1 << 31 || groups.count > 1 << 31 }

  /// The exact sum of a group.
  func sum(of group: Int) -> Int128 {
    Int128(groups[group].sum) + Int128(carries[group] ?? 0) << 64
  }

  func lastRow(of group: Int) -> UInt32 { groups[group].lastRow }

  mutating func setLastRow(of group: Int, to row: UInt32) { groups[group].lastRow = row }

  /// The key of a group; the bytes hold until the next `add` or `removeAll`.
  func song(of group: Int) -> UnsafeRawBufferPointer {
    let group = groups[group]
    return unsafe UnsafeRawBufferPointer(
      start: arena.start + Int(group.keyStart), count: Int(group.songLength))
  }

  func date(of group: Int) -> UnsafeRawBufferPointer {
    let group = groups[group]
    return unsafe UnsafeRawBufferPointer(
      start: arena.start + Int(group.keyStart) + Int(group.songLength),
      count: Int(group.dateLength))
  }

  /// Adds plays to the group of the key, which is made where it is new.
  ///
  /// - Returns: The index of the group.
  @inline(__always)
  mutating func add(
    song: UnsafeRawBufferPointer, date: UnsafeRawBufferPointer, plays: Int64
  ) -> Int {
    let hash = unsafe hashKey(song: song, date: date, seed: seed)
    var slot = Int(truncatingIfNeeded: hash) & mask
    let tag = hash & 0xFFFF_FFFF_0000_0000
    while true {
      let entry = unsafe slots.start[slot]
      if entry == 0 { return unsafe insert(song, date, plays, hash: hash, slot: slot) }
      if entry & 0xFFFF_FFFF_0000_0000 == tag {
        let index = Int(entry & 0xFFFF_FFFF) - 1
        if unsafe matches(index, song, date) {
          addPlays(plays, to: index)
          return index
        }
      }
      slot = (slot + 1) & mask
    }
  }

  mutating func removeAll() {
    groups.removeAll()
    arena.removeAll()
    carries.removeAll()
    slots.fill(with: 0, count: mask + 1)
  }

  @inline(__always)
  private func matches(
    _ index: Int, _ song: UnsafeRawBufferPointer, _ date: UnsafeRawBufferPointer
  ) -> Bool {
    let group = unsafe groups.start[index]
    guard Int(group.songLength) == song.count, Int(group.dateLength) == date.count else {
      return false
    }
    let key = unsafe UnsafeRawPointer(arena.start + Int(group.keyStart))
    if let bytes = song.baseAddress, unsafe !equalBytes(key, bytes, song.count) { return false }
    if let bytes = date.baseAddress, unsafe !equalBytes(key + song.count, bytes, date.count) {
      return false
    }
    return true
  }

  @inline(__always)
  private mutating func addPlays(_ plays: Int64, to index: Int) {
    let (sum, overflow) = unsafe groups.start[index].sum.addingReportingOverflow(plays)
    unsafe groups.start[index].sum = sum
    if overflow { carries[index, default: 0] += plays > 0 ? 1 : -1 }
  }

  @inline(never)
  private mutating func insert(
    _ song: UnsafeRawBufferPointer, _ date: UnsafeRawBufferPointer, _ plays: Int64, hash: UInt64,
    slot: Int
  ) -> Int {
    let index = groups.count
    groups.append(
      Group(
        keyStart: UInt32(arena.count), songLength: UInt32(song.count),
        dateLength: UInt32(date.count), lastRow: 0, sum: plays, hash: hash))
    unsafe copyToArena(song)
    unsafe copyToArena(date)
    slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(index + 1)
    // Linear probing stays short while at least three slots in eight are empty.
    if groups.count * 8 > (mask + 1) * 5 { growSlots() }
    return index
  }

  private mutating func copyToArena(_ bytes: UnsafeRawBufferPointer) {
    if let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress {
      unsafe arena.append(contentsOf: start, count: bytes.count)
    }
  }

  private mutating func growSlots() {
    let slotCount = (mask + 1) * 2
    mask = slotCount - 1
    slots.fill(with: 0, count: slotCount)
    for index in 0..<groups.count {
      let hash = groups[index].hash
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(index + 1)
    }
  }
}
