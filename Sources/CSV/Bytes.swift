// With `RowBatch` the only file of this module that touches memory through pointers.
import CByteMask

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

  /// Bit n is set where byte n of the 64 from `offset` on is the separator or below 0x10.
  @inline(__always)
  func stops(at offset: Int, separator: UInt8) -> UInt64 {
    guard let base = unsafe buffer.baseAddress else { return 0 }
    return unsafe byte_mask_of_stops(base + offset, separator)
  }

  func copy(_ range: Range<Int>) -> [UInt8] {
    unsafe Array(buffer[range])
  }

  /// Makes each doubled quote of a range one quote, in place, and returns the range that is left.
  func undoubleQuotes(in range: Range<Int>) -> Range<Int> {
    let quotes = Word.filled(with: .quote)
    var read = range.lowerBound
    var write = read
    while read < range.upperBound {
      // A word is written over bytes that were read: `write` is never ahead.
      while read + 8 <= range.upperBound {
        let word = word(at: read)
        if Word.zeros(word ^ quotes) != 0 { break }
        unsafe UnsafeMutableRawBufferPointer(buffer).storeBytes(
          of: word.littleEndian, toByteOffset: write, as: UInt64.self)
        read += 8
        write += 8
      }
      guard read < range.upperBound else { break }
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

extension [UInt8] {
  /// Appends two fields and a number with commas between them and a line end behind them.
  ///
  /// Why the unsafe stores hold: the array is first made longer by just what is then written; the spans
  /// lend their memory for the length of the call.
  mutating func appendPlain(
    _ first: borrowing Span<UInt8>, _ second: borrowing Span<UInt8>, _ number: Int64,
    endsWithCR: Bool
  ) {
    let start = count
    let (firstCount, secondCount) = (first.count, second.count)
    let digits = number.magnitude.decimalDigits
    let numberCount = digits + (number < 0 ? 1 : 0)
    let added = firstCount + secondCount + numberCount + 3 + (endsWithCR ? 1 : 0)
    append(contentsOf: repeatElement(0, count: added))
    unsafe withUnsafeMutableBytes { all in
      guard let base = all.baseAddress else { return }
      var out = unsafe base + start
      unsafe first.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress {
          unsafe out.copyMemory(from: start, byteCount: firstCount)
        }
      }
      unsafe out.storeBytes(of: .comma, toByteOffset: firstCount, as: UInt8.self)
      unsafe out += firstCount + 1
      unsafe second.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress {
          unsafe out.copyMemory(from: start, byteCount: secondCount)
        }
      }
      unsafe out.storeBytes(of: .comma, toByteOffset: secondCount, as: UInt8.self)
      unsafe out += secondCount + 1
      if number < 0 {
        unsafe out.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
        unsafe out += 1
      }
      var rest = number.magnitude
      for place in stride(from: digits - 1, through: 0, by: -1) {
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        unsafe out.storeBytes(
          of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit), toByteOffset: place,
          as: UInt8.self)
        rest = quotient
      }
      unsafe out += digits
      if endsWithCR {
        unsafe out.storeBytes(of: .carriageReturn, as: UInt8.self)
        unsafe out += 1
      }
      unsafe out.storeBytes(of: .lineFeed, as: UInt8.self)
    }
  }
}

extension UInt64 {
  /// How many decimal digits the number has.
  var decimalDigits: Int {
    var (digits, bound): (Int, UInt64) = (1, 10)
    while self >= bound {
      digits += 1
      let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
      if overflow { break }
      bound = next
    }
    return digits
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
