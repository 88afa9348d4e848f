/// Keys by number: the bytes of each once, in one arena, found by an open-addressing table with linear
/// probing.
///
/// Why the unsafe accesses hold: a slot holds the index of a key that exists or 0; a key's bytes lie at
/// `start` in the arena with the length that stands beside it, written once when the key was made;
/// offsets, not pointers, are kept, so that the arena may move when it grows.
@safe
struct KeyTable: ~Copyable, Sendable {
  struct Key {
    let start: UInt32
    let length: UInt32
    /// The lower half of the hash; the slot has the upper one, so that growing needs no key.
    let lowHash: UInt32
  }

  /// What a table came to, for the next one that is to be filled with much the same.
  struct Size {
    var keys = 0
    var bytes = 0
    var slots = 0
  }

  private let seed: UInt64
  private let memory: TallyMemory?
  private let expectedSlots: Int
  private var keys: Storage<Key>
  private var arena: Storage<UInt8>
  /// Upper half: of the hash; lower half: index of the key plus one; 0 is an empty slot.
  private var slots: Storage<UInt64>
  private var mask = initialSlots - 1

  private static let initialSlots = 256
  private static let upper: UInt64 = 0xFFFF_FFFF_0000_0000

  init(seed: UInt64, expecting size: Size = Size(), from memory: TallyMemory? = nil) {
    self.seed = seed
    self.memory = memory
    expectedSlots = size.slots
    keys = Storage(expecting: size.keys, from: memory)
    arena = Storage(minimumCapacity: 1024, expecting: size.bytes, from: memory)
    slots = Storage(minimumCapacity: Self.initialSlots, from: memory)
    slots.append(repeating: 0, count: Self.initialSlots)
  }

  var count: Int { keys.count }

  var size: Size { Size(keys: keys.capacity, bytes: arena.capacity, slots: slots.count) }

  var memoryInUse: Int { keys.memoryInUse + arena.memoryInUse + slots.memoryInUse }

  /// True when 32-bit offsets could not address one more key of the greatest length.
  var isAtLimit: Bool { arena.count > 1 << 31 || keys.count > 1 << 30 }

  /// True where the slots are more than a processor's own cache is likely to hold.
  var isLarge: Bool { slots.memoryInUse >= 1 << 20 }

  /// Fetches the bytes of a key.
  @inline(__always)
  func prefetchKey(_ index: Int) {
    unsafe fetchAhead(arena.start + Int(keys[index].start))
  }

  /// The bytes of a key; they hold until the next key is added.
  @inline(__always)
  func key(_ index: Int) -> UnsafeRawBufferPointer {
    let key = keys[index]
    return unsafe UnsafeRawBufferPointer(
      start: arena.start + Int(key.start), count: Int(key.length))
  }

  /// The number of a key, which is the next one where it is new.
  @inline(__always)
  mutating func index(of key: UnsafeRawBufferPointer) -> Int {
    unsafe index(of: key, hash: hash(key))
  }

  @inline(__always)
  func hash(_ key: UnsafeRawBufferPointer) -> UInt64 { unsafe hashBytes(key, seed: seed) }

  /// Fetches where `index` will look first.
  @inline(__always)
  func prefetch(hash: UInt64) {
    unsafe fetchAhead(slots.start + (Int(truncatingIfNeeded: hash) & mask))
  }

  /// As `index(of:)`, for a key whose hash is known.
  @inline(__always)
  mutating func index(of key: UnsafeRawBufferPointer, hash: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = unsafe slots.start[slot]
      if entry == 0 { return unsafe insert(key, hash: hash, slot: slot) }
      if (entry ^ hash) & Self.upper == 0 {
        let index = Int(entry & 0xFFFF_FFFF) - 1
        if unsafe matches(index, key) { return index }
      }
      slot = (slot + 1) & mask
    }
  }

  @inline(__always)
  private func matches(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
    let key = unsafe keys.start[index]
    guard Int(key.length) == bytes.count else { return false }
    guard let start = bytes.baseAddress else { return true }
    return unsafe equalBytes(arena.start + Int(key.start), start, bytes.count)
  }

  @inline(never)
  private mutating func insert(
    _ bytes: UnsafeRawBufferPointer, hash: UInt64, slot: Int
  ) -> Int {
    let index = keys.count
    keys.append(
      Key(
        start: UInt32(arena.count), length: UInt32(bytes.count),
        lowHash: UInt32(truncatingIfNeeded: hash)))
    if let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress {
      unsafe arena.append(contentsOf: start, count: bytes.count)
    }
    slots[slot] = hash & Self.upper | UInt64(index + 1)
    // Linear probing stays short while at least three slots in eight are empty.
    if keys.count * 8 > (mask + 1) * 5 { growSlots() }
    return index
  }

  private mutating func growSlots() {
    var newCount = (mask + 1) * 2
    if newCount * MemoryLayout<UInt64>.stride >= TallyMemory.leastSize {
      newCount = max(newCount, expectedSlots)
    }
    let newMask = newCount - 1
    var grown = Storage<UInt64>(minimumCapacity: newCount, from: memory)
    grown.append(repeating: 0, count: newCount)
    for old in 0...mask {
      let entry = slots[old]
      if entry == 0 { continue }
      var slot = Int(keys[Int(entry & 0xFFFF_FFFF) - 1].lowHash) & newMask
      while grown[slot] != 0 { slot = (slot + 1) & newMask }
      grown[slot] = entry
    }
    slots = grown
    mask = newMask
  }
}
