import Testing

@testable import CSV

/// A field's doubled quotes, undone eight bytes at a time, against one byte at a time.
struct DoubledQuotesTests {
  /// Up to 17 quotes or letters, so that pairs lie at all places of two words and across their border, in a row too.
  @Test func `doubled quotes become one, wherever they lie, and nothing else changes`() {
    for length in 0...17 {
      for pattern in 0..<(1 << min(length, 12)) {
        let plain = (0..<length).map { place in
          pattern >> (place % 12) & 1 == 1 ? UInt8(ascii: "\"") : UInt8(ascii: "a") + UInt8(place)
        }
        let doubled = plain.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
        for behind in [0, 1, 5, 20] {
          expectUndone(
            doubled, is: plain, before: [UInt8(ascii: "<")], behind: Self.following(behind))
        }
      }
    }
  }

  /// What follows a field: its closing quote first, so that a quote behind it must not be taken for a twin.
  private static func following(_ count: Int) -> [UInt8] {
    Array("\",2024-01-01,5\n\"\"\"xyz".utf8.prefix(count))
  }

  private func expectUndone(
    _ field: [UInt8], is plain: [UInt8], before: [UInt8], behind: [UInt8]
  ) {
    var buffer = before + field + behind
    let range = unsafe buffer.withUnsafeMutableBufferPointer { memory in
      unsafe Bytes(memory).undoubleQuotes(in: before.count..<before.count + field.count)
    }
    #expect(range.lowerBound == before.count)
    #expect(Array(buffer[range]) == plain, "\(String(decoding: field, as: UTF8.self))")
    #expect(Array(buffer.prefix(before.count)) == before)
    #expect(
      Array(buffer.suffix(behind.count)) == behind, "\(String(decoding: field, as: UTF8.self))")
  }
}
