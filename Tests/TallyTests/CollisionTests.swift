import Testing

@testable import Tally

/// Keys that meet in the hash table, which the seed keeps a sender from preparing.
struct CollisionTests {
  private static let seed: UInt64 = 42

  /// Keys of one low part all want the same slot, also of a table that has grown, and the last slot's
  /// chain goes on at the first.
  @Test(arguments: [0, 511, 1023] as [UInt64])
  func `keys that want the same slot are all found`(slot: UInt64) {
    var keys: [[UInt8]] = []
    var number = 0
    while keys.count < 500 {
      let key = Array("song \(number)".utf8)
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
        return unsafe hashBytes(slice, seed: 9)
      }
      #expect(hash(of: text, seed: 9) == there)
    }
  }

  /// A song on as many dates as collide in the small table from date to sum: the date numbers are
  /// multiples of its capacity.
  @Test func `dates that want the same slot of a song are all found`() {
    let filler = (0..<4096).map { Row("filler", "day \($0)", 1) }
    let colliding = stride(from: 0, to: 4096, by: 64).map { Row("song", "day \($0)", Int64($0)) }
    let rows = filler + colliding + colliding.reversed()
    #expect(SortedTally(raw: rows).groupList() == expectedGroups(of: rows))
  }

  /// Adds every key twice, the second time backwards, as song and as date, and expects one group a key.
  private func expectAllFound(_ keys: [[UInt8]], seed: UInt64) {
    let date = Array("2024-01-01".utf8)
    for rows in [
      keys.enumerated().map { Row(Key($1, date), Int64($0)) },
      keys.enumerated().map { Row(Key(date, $1), Int64($0)) },
    ] {
      // The table of dates has the next seed.
      for seed in [seed, seed &- 1] {
        let tally = SortedTally(raw: rows + rows.reversed(), seed: seed)
        #expect(tally.groupCount == keys.count)
        #expect(tally.groupList() == expectedGroups(of: rows + rows))
      }
    }
  }
}

private func hash(of key: [UInt8], seed: UInt64) -> UInt64 {
  unsafe key.withUnsafeBytes { unsafe hashBytes($0, seed: seed) }
}
