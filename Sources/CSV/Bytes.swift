// With `RowBatch`, `FieldEnds` and `PlainLoop` all of this module that touches memory through pointers.
import CByteMask
import ContentHash

/// The caller's buffer for the length of one call.
///
/// Why the unsafe accesses hold: `PlaysReader.read` makes the value inside
/// `withUnsafeMutableBufferPointer` and never stores it, so that the memory is alive and ours
/// alone; every offset comes from a loop that is bounded by `count`. Debug builds, which the tests
/// run, check each access; release builds do not,
/// because a comparison a byte would show in the speed.
@safe
struct Bytes {
  private let base: UnsafeMutablePointer<UInt8>
  let count: Int

  init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
    // A buffer without memory has no byte either, so that nothing is ever read from the address that stands for it.
    unsafe base = buffer.baseAddress ?? UnsafeMutablePointer(bitPattern: 1).unsafelyUnwrapped
    count = buffer.count
  }

  /// The first byte, for `PlainLoop`.
  @inline(__always)
  var start: UnsafePointer<UInt8> { unsafe UnsafePointer(base) }

  subscript(offset: Int) -> UInt8 {
    @inline(__always) get {
      assert(offset >= 0 && offset < count, "a byte of the buffer")
      return unsafe base[offset]
    }
  }

  /// The eight bytes from `offset` on, the first one in the lowest bits.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    assert(offset >= 0 && offset + 8 <= count, "eight bytes of the buffer")
    let word = unsafe UnsafeRawPointer(base).loadUnaligned(
      fromByteOffset: offset, as: UInt64.self)
    return UInt64(littleEndian: word)
  }

  /// `find_field_ends` from an offset on; all of the words lie within the buffer.
  @inline(__always)
  func findFieldEnds(
    _ scan: inout field_scan, from start: Int, words: Int, separator: UInt8, origin: UInt32,
    _ ends: inout offset_list, _ within: inout offset_list
  ) -> Int {
    precondition(start >= 0 && start + 64 * words <= count, "the words lie within the buffer")
    return unsafe find_field_ends(&scan, base + start, words, separator, origin, &ends, &within)
  }

  /// `find_field_ends_hashing`, or where the processor cannot hash so, one after the other; all of the words and
  /// all that is to be hashed lie within the buffer.
  func findFieldEnds(
    _ scan: inout field_scan, from start: Int, words: Int, separator: UInt8, origin: UInt32,
    _ ends: inout offset_list, _ within: inout offset_list, hashing block: Range<Int>,
    into hash: inout ContentHash
  ) -> (looked: Int, plain: Int) {
    precondition(start >= 0 && start + 64 * words <= count, "the words lie within the buffer")
    var (looked, plain) = (0, 0)
    unsafe hash.update(raw(block)) { state, blocks, blockCount in
      if unsafe state == nil {
        looked = unsafe find_field_ends(
          &scan, base + start, words, separator, origin, &ends, &within)
      } else {
        looked = unsafe find_field_ends_hashing(
          &scan, base + start, words, separator, origin, &ends, &within, &plain, state, blocks,
          blockCount)
      }
    }
    return (looked, plain)
  }

  func hash(_ range: Range<Int>, into hash: inout ContentHash) {
    unsafe hash.update(raw(range))
  }

  private func raw(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes of the buffer")
    return unsafe UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  func copy(_ range: Range<Int>) -> [UInt8] {
    assert(range.lowerBound >= 0 && range.upperBound <= count, "bytes of the buffer")
    return unsafe Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// Makes each doubled quote of a range one quote, in place, and returns the range that is left.
  ///
  /// Eight bytes at a time are taken whole, so that the next eight are never read where the last ones were just written: the
  /// processor would wait for these. What is behind the range is left as it is.
  func undoubleQuotes(in range: Range<Int>) -> Range<Int> {
    var (read, write) = (range.lowerBound, range.lowerBound)
    while read < range.upperBound {
      guard read + 8 <= count else {
        let byte = self[read]
        unsafe base[write] = byte
        write += 1
        read += byte == .quote ? 2 : 1
        continue
      }
      let bytes = word(at: read)
      var (kept, length) = (bytes, min(8, range.upperBound - read))
      let behind = (bytes >> UInt64(8 * length)) << UInt64(8 * (length + read - write))
      var quotes = Word.zeros(bytes ^ Word.filled(with: .quote))
      var next = read + length
      while quotes != 0 {
        let index = quotes.trailingZeroBitCount >> 3
        guard index + 1 < length else {
          // Its twin begins the next eight, where the range goes on.
          if index < length { next += 1 }
          break
        }
        let before = ~UInt64(0) >> UInt64(56 - 8 * index)
        kept = kept & before | (kept >> 8) & ~before
        quotes = (quotes >> 8) & ~before
        length -= 1
      }
      if length < 8 { kept = kept & ~(~UInt64(0) << UInt64(8 * length)) | behind }
      unsafe UnsafeMutableRawPointer(base).storeBytes(
        of: kept.littleEndian, toByteOffset: write, as: UInt64.self)
      write += length
      read = next
    }
    return range.lowerBound..<write
  }
}

extension [UInt8] {
  /// Appends the bytes of a span in one copy; the span lends its memory for the length of the call.
  mutating func append(_ span: Span<UInt8>) {
    unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  func hasBytes(of other: borrowing Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBytes { bytes in
      unsafe other.withUnsafeBytes { otherBytes in
        var at = 0
        while at + 8 <= bytes.count {
          let word = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
          let otherWord = unsafe otherBytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
          if word != otherWord { return false }
          at += 8
        }
        while at < bytes.count {
          if unsafe bytes[at] != otherBytes[at] { return false }
          at += 1
        }
        return true
      }
    }
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
