import Testing

@testable import Tally

/// Keys that meet in the hash table, which the seed keeps a sender from preparing.
struct CollisionTests {
  private static let seed: UInt64 = 42

  /// The first slots of a table are 1024: keys of one low part all want the same one, and the last
  /// slot's chain goes on at the first.
  @Test(arguments: [0, 511, 1023] as [UInt64])
  func `keys that want the same slot are all found`(slot: UInt64) {
    var keys: [Key] = []
    var number = 0
    while keys.count < 500 {
      let key = Key("song \(number)", "2024-01-01")
      number += 1
      if hash(of: key, seed: Self.seed) & 1023 == slot { keys.append(key) }
    }
    expectAllFound(keys, seed: Self.seed)
  }

  /// A table of the same hash for all: the tags in the slots tell nothing, only the bytes do, and a
  /// table that grows cannot part them.
  @Test(arguments: CollidingKeys.allCases, [0, 42, .max] as [UInt64])
  func `keys with the same hash in all its bits are told apart by their bytes`(
    colliding: CollidingKeys, seed: UInt64
  ) throws {
    let keys = colliding.keys(seed: seed)
    let hashes = Set(keys.map { hash(of: $0, seed: seed) })
    try #require(hashes.count == 1, "the hash has changed: change CollidingKeys with it")
    try #require(Set(keys).count == 900)
    expectAllFound(keys, seed: seed)
  }

  @Test(arguments: CollidingKeys.allCases)
  func `another seed spreads keys that were prepared for one`(colliding: CollidingKeys) {
    let keys = colliding.keys(seed: 42)
    let hashes = keys.map { hash(of: $0, seed: 0x1234_5678_9ABC_DEF1) }
    #expect(Set(hashes).count == 900)
    #expect(Set(hashes.map { $0 & 1023 }).count > 400)
  }

  @Test func `the hash of equal keys is equal wherever they lie in memory`() {
    for length in 0...40 {
      let text = (0..<UInt8(length)).map { $0 &* 7 }
      let shifted = [0xFF] + text + [0xFF]
      let there = unsafe shifted.withUnsafeBytes { bytes in
        let slice = unsafe UnsafeRawBufferPointer(rebasing: bytes[1..<1 + length])
        return unsafe hashKey(song: slice, date: slice, seed: 9)
      }
      #expect(hash(of: Key(text, text), seed: 9) == there)
    }
  }

  /// Adds every key twice, the second time backwards, and expects one group a key.
  private func expectAllFound(_ keys: [Key], seed: UInt64) {
    let rows = keys.enumerated().map { Row($1, Int64($0)) }
    var tally = Tally(keep: .totals, memory: 1 << 30, seed: seed)
    tally.addRaw(rows)
    tally.addRaw(rows.reversed())
    #expect(tally.groupCount == keys.count)
    #expect(tally.groupList() == expectedGroups(of: rows + rows))
  }
}

private func hash(of key: Key, seed: UInt64) -> UInt64 {
  unsafe key.song.withUnsafeBytes { song in
    unsafe key.date.withUnsafeBytes { date in
      unsafe hashKey(song: song, date: date, seed: seed)
    }
  }
}
