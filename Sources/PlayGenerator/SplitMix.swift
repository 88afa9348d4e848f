/// SplitMix64 (Steele, Lea, Flood 2014): an addition and two multiplications a number.
struct SplitMix: Sendable {
  private var state: UInt64

  /// - Parameters:
  ///   - seed: What the user chose; neighbouring seeds give unrelated numbers.
  ///   - stream: Tells apart the uses of one seed.
  init(seed: UInt64, stream: UInt64) {
    state = Self.mixed(Self.mixed(seed) &+ stream)
  }

  @inline(__always)
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  @inline(__always)
  static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }

  /// One of `0..<count` from 32 random bits (Lemire 2019, without his rejection: the bias is below
  /// `count` in 2^32).
  @inline(__always)
  static func pick(_ bits: UInt64, of count: UInt64) -> UInt64 {
    ((bits & 0xFFFF_FFFF) &* count) >> 32
  }
}
