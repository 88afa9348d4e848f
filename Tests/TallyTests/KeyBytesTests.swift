import Testing

@testable import Tally

/// Comparing by words against comparing byte by byte.
struct KeyBytesTests {
  /// Lengths around the words, with a difference at every place.
  private static let pairs: [(left: [UInt8], right: [UInt8])] = (0...33).flatMap { length in
    let base = (0..<length).map { UInt8(0x61 + $0 % 7) }
    let changed = base.indices.flatMap { place in
      ([0x00, 0x60, 0x80, 0xFF] as [UInt8]).map { byte in
        var other = base
        other[place] = byte
        return other
      }
    }
    return [(base, base)] + changed.map { (base, $0) }
  }

  @Test func `equal is equal in every byte`() {
    for (left, right) in Self.pairs {
      #expect(equal(left, right) == (left == right), "\(left) \(right)")
      #expect(equal(right, left) == (left == right), "\(right) \(left)")
    }
  }

  @Test func `bytes order as they do one by one, and a prefix before what it begins`() {
    for (left, right) in Self.pairs {
      for end in [left.count, left.count / 2, max(0, left.count - 1), 0] {
        let short = Array(left.prefix(end))
        #expect(sign(short, right) == expectedSign(short, right), "\(short) \(right)")
        #expect(sign(right, short) == expectedSign(right, short), "\(right) \(short)")
      }
    }
  }

  @Test func `eight bytes from any depth on are the ones that stand there`() {
    for length in 0...33 {
      let bytes = (0..<length).map { UInt8(0x61 + $0 % 7) }
      for depth in 0...length {
        let expected = (0..<8).reduce(UInt64(0)) { word, index in
          word << 8 | (depth + index < length ? UInt64(bytes[depth + index]) : 0)
        }
        #expect(prefix(bytes, depth: depth) == expected, "\(length) \(depth)")
      }
    }
  }

  @Test func `the first eight bytes as a number never contradict the order of the bytes`() {
    for (left, right) in Self.pairs {
      let (a, b) = (prefix(left), prefix(right))
      if a != b { #expect((a < b) == left.lexicographicallyPrecedes(right), "\(left) \(right)") }
      if left.prefix(8) == right.prefix(8) { #expect(a == b) }
    }
    #expect(prefix(Array("abcdefgh".utf8)) == 0x6162_6364_6566_6768)
    #expect(prefix(Array("ab".utf8)) == 0x6162_0000_0000_0000)
  }

  private func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    unsafe left.withUnsafeBytes { left in
      unsafe right.withUnsafeBytes { right in
        guard let a = left.baseAddress, let b = right.baseAddress else { return true }
        return unsafe equalBytes(a, b, left.count)
      }
    }
  }

  private func sign(_ left: [UInt8], _ right: [UInt8]) -> Int {
    unsafe left.withUnsafeBytes { left in
      unsafe right.withUnsafeBytes { right in unsafe compareBytes(left, right).signum() }
    }
  }

  private func expectedSign(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if left == right { return 0 }
    return left.lexicographicallyPrecedes(right) ? -1 : 1
  }

  private func prefix(_ bytes: [UInt8], depth: Int = 0) -> UInt64 {
    unsafe bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return 0 }
      return unsafe orderingWord(start, bytes.count, depth: depth)
    }
  }
}
