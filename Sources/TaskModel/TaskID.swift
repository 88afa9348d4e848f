/// The identity of a task: a UUIDv7 (RFC 9562, section 5.7), so that ids sort by time of arrival.
///
/// A task keeps its id for life, through retries and restarts. The id names the folder in
/// `state/work` and `state/archive`, and the hidden files in the outbox; a name that came from
/// outside never does.
package struct TaskID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The 128 bits, most significant first.
  private let high: UInt64
  private let low: UInt64

  /// Makes an id from a time and 74 random bits.
  ///
  /// - Parameters:
  ///   - milliseconds: Since 1970 in UTC; the upper 48 bits of the id.
  ///   - random: The source of the other bits. Two tasks of one millisecond differ by these alone.
  package init(milliseconds: Int64, random: inout some RandomNumberGenerator) {
    let time = UInt64(truncatingIfNeeded: milliseconds) & 0xFFFF_FFFF_FFFF
    high = (time << 16) | 0x7000 | (random.next() & 0x0FFF)
    low = 0x8000_0000_0000_0000 | (random.next() & 0x3FFF_FFFF_FFFF_FFFF)
  }

  /// The smallest id of a millisecond: what was made at that time or later is not less.
  package static func smallest(at time: Timestamp) -> TaskID {
    var zeroes = Zeroes()
    return TaskID(milliseconds: time.milliseconds, random: &zeroes)
  }

  private struct Zeroes: RandomNumberGenerator {
    func next() -> UInt64 { 0 }
  }

  /// Reads the 36 characters of the text form; nil for anything else, upper case included.
  package init?(_ text: some StringProtocol) {
    self.init(bytes: Array(text.utf8).span)
  }

  /// How many characters the text form has.
  package static let length = 36

  /// The same of bytes, as those of a folder's name.
  package init?(bytes: Span<UInt8>) {
    guard bytes.count == Self.length else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for index in bytes.indices {
      let byte = bytes[index]
      switch index {
      case 8, 13, 18, 23:
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      default: break
      }
      guard let value = Self.value(ofHexDigit: byte) else { return nil }
      if digits < 16 {
        halves.0 = halves.0 << 4 | value
      } else {
        halves.1 = halves.1 << 4 | value
      }
      digits += 1
    }
    (high, low) = halves
  }

  /// Milliseconds since 1970 at which the id was made.
  package var milliseconds: Int64 { Int64(high >> 16) }

  package var description: String {
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for digit in 0..<32 {
      switch digit {
      case 8, 12, 16, 20: text.append(UInt8(ascii: "-"))
      default: break
      }
      let word = digit < 16 ? high : low
      let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - digit % 16 * 4)) & 15
      text.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Its 62 random bits tell ids apart well enough.
  package func hash(into hasher: inout Hasher) { hasher.combine(low) }

  package static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  private static func value(ofHexDigit byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    default: nil
    }
  }
}
