/// The numbers `0..<count` in an order that looks like none, without a table of them.
///
/// A Feistel network permutes the numbers of a few bits; a result beyond `count` is put in again until it
/// is below ("cycle walking", Black and Rogaway 2002), on average less than twice.
struct Permutation: Sendable {
  private let count: UInt64
  private let lowBits: UInt64
  private let lowMask: UInt64
  private let highMask: UInt64
  private let keys: SIMD4<UInt64>

  init(count: UInt64, seed: UInt64) {
    self.count = count
    let bits = max(2, UInt64(64 - (max(count, 1) - 1).leadingZeroBitCount))
    lowBits = bits / 2
    lowMask = 1 << lowBits - 1
    highMask = 1 << (bits - lowBits) - 1
    var random = SplitMix(seed: seed, stream: 3)
    keys = SIMD4(random.next(), random.next(), random.next(), random.next())
  }

  /// The number at `index`, which is below the count.
  @inline(__always)
  subscript(index: UInt64) -> UInt64 {
    var number = index
    repeat { number = network(number) } while number >= count
    return number
  }

  @inline(__always)
  private func network(_ number: UInt64) -> UInt64 {
    var low = number & lowMask
    var high = number >> lowBits
    low ^= Self.scattered(high, keys[0]) & lowMask
    high ^= Self.scattered(low, keys[1]) & highMask
    low ^= Self.scattered(high, keys[2]) & lowMask
    high ^= Self.scattered(low, keys[3]) & highMask
    return high << lowBits | low
  }

  /// The upper half of a product depends on all bits of its factors.
  @inline(__always)
  private static func scattered(_ value: UInt64, _ key: UInt64) -> UInt64 {
    ((value ^ key) &* 0x9E37_79B9_7F4A_7C15) >> 32
  }
}
