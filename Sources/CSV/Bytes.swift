// With `RowBatch` the only file of this module that touches memory through pointers.

/// The caller's buffer for the length of one call.
///
/// Why the unsafe accesses hold: `PlaysReader.read` makes the value inside
/// `withUnsafeMutableBufferPointer` and never stores it, so that the memory is alive and ours
/// alone; every offset comes from a loop that is bounded by `count`. Debug builds, which the tests
/// run, check each access (the standard library's debug preconditions); release builds do not,
/// because a comparison a byte would show in the speed.
@safe
struct Bytes {
  private let buffer: UnsafeMutableBufferPointer<UInt8>

  init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
    unsafe self.buffer = buffer
  }

  @inline(__always)
  var count: Int { unsafe buffer.count }

  subscript(offset: Int) -> UInt8 {
    @inline(__always) get { unsafe buffer[offset] }
  }

  /// The eight bytes from `offset` on, the first one in the lowest bits.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    let word = unsafe UnsafeRawBufferPointer(buffer).loadUnaligned(
      fromByteOffset: offset, as: UInt64.self)
    return UInt64(littleEndian: word)
  }

  func copy(_ range: Range<Int>) -> [UInt8] {
    unsafe Array(buffer[range])
  }

  /// Makes each doubled quote of a range one quote, in place, and returns the range that is left.
  func undoubleQuotes(in range: Range<Int>) -> Range<Int> {
    var read = range.lowerBound
    var write = read
    while read < range.upperBound {
      let byte = self[read]
      unsafe buffer[write] = byte
      write += 1
      read += byte == .quote ? 2 : 1
    }
    return range.lowerBound..<write
  }
}

extension [UInt8] {
  /// Appends the bytes of a span in one copy; the span lends its memory for the length of the call.
  mutating func append(_ span: Span<UInt8>) {
    unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

extension Span<UInt8> {
  /// True where the predicate is true for eight of the bytes, or for the last few and spaces.
  @inline(__always)
  func hasWord(where isFound: (UInt64) -> Bool) -> Bool {
    unsafe withUnsafeBytes { bytes in
      var at = 0
      while at + 8 <= bytes.count {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        if isFound(word) { return true }
        at += 8
      }
      var rest = Word.filled(with: .space)
      while at < bytes.count {
        rest = unsafe rest << 8 | UInt64(bytes[at])
        at += 1
      }
      return isFound(rest)
    }
  }
}

/// Eight bytes looked at in one step.
///
/// A mask has the highest bit of each byte that matches set, and
/// no other bit; the lowest set bit is the first match in the file's order.
enum Word {
  /// One in each byte.
  static let ones: UInt64 = 0x0101_0101_0101_0101
  /// The highest bit of each byte.
  static let highs: UInt64 = 0x8080_8080_8080_8080

  @inline(__always)
  static func filled(with byte: UInt8) -> UInt64 { ones &* UInt64(byte) }

  /// The mask of bytes that are zero: exact, for no carry crosses from one byte into the next.
  @inline(__always)
  static func zeros(_ word: UInt64) -> UInt64 {
    ~(((word & ~highs) &+ ~highs) | word | ~highs)
  }

  /// The mask of bytes below 0x10: TAB, LF and CR, and control characters that the caller must tell
  /// from them, which costs less than a comparison for each in every word.
  @inline(__always)
  static func controls(_ word: UInt64) -> UInt64 {
    zeros(word & 0xF0F0_F0F0_F0F0_F0F0)
  }
}

extension UInt8 {
  static let tab = UInt8(ascii: "\t")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")
  static let comma = UInt8(ascii: ",")

  @inline(__always)
  var endsLine: Bool { self == .lineFeed || self == .carriageReturn }
}
