/// The text of a number of plays: an optional sign and ASCII digits, spaces and tabs around them.
enum WholeNumber: Equatable {
  case value(Int64)
  case outOfRange
  case notWhole

  init(_ range: Range<Int>, of bytes: Bytes) {
    var (at, end) = (range.lowerBound, range.upperBound)
    while at < end, bytes[at] == .space || bytes[at] == .tab { at += 1 }
    while at < end, bytes[end - 1] == .space || bytes[end - 1] == .tab { end -= 1 }
    let isNegative = at < end && bytes[at] == UInt8(ascii: "-")
    if isNegative || (at < end && bytes[at] == UInt8(ascii: "+")) { at += 1 }
    guard at < end else {
      self = .notWhole
      return
    }
    // The sum is kept negative, for Int64.min has no positive counterpart.
    var negated: Int64 = 0
    var overflows = false
    while at < end {
      let digit = bytes[at] &- UInt8(ascii: "0")
      guard digit <= 9 else {
        self = .notWhole
        return
      }
      let (product, overflow) = negated.multipliedReportingOverflow(by: 10)
      let (difference, underflow) = product.subtractingReportingOverflow(Int64(digit))
      negated = difference
      if overflow || underflow { overflows = true }
      at += 1
    }
    if overflows || (!isNegative && negated == .min) {
      self = .outOfRange
    } else {
      self = .value(isNegative ? negated : -negated)
    }
  }

  /// The number, or nil for what is none or is out of range.
  @inline(__always)
  static func value(_ range: Range<Int>, of bytes: Bytes) -> Int64? {
    if let short = short(range, of: bytes) { return short }
    if case .value(let value) = WholeNumber(range, of: bytes) { return value }
    return nil
  }

  /// Up to eight digits and nothing else, without a branch a digit; nil for all other texts, and
  /// within the first eight bytes of the buffer.
  @inline(__always)
  static func short(_ range: Range<Int>, of bytes: Bytes) -> Int64? {
    let length = range.upperBound &- range.lowerBound
    guard length >= 1 && length <= 8 && range.upperBound >= 8 else { return nil }
    // The digits' values stand right-aligned, first digit lowest, with zeros before them.
    let shift = UInt64(truncatingIfNeeded: 8 &- length) &* 8
    let kept = ~UInt64(0) &<< shift
    let text = bytes.word(at: range.upperBound &- 8) & kept
    let digits = text ^ (Word.filled(with: UInt8(ascii: "0")) & kept)
    // Any byte above 9 carries into its high nibble; one that was above 15 has it already.
    let carried = digits &+ Word.filled(with: 6)
    guard (digits | carried) & 0xF0F0_F0F0_F0F0_F0F0 == 0 else { return nil }
    // Neighbours are joined three times: to 4 numbers below 100, 2 below 10,000, and the result.
    let pairs = (digits &* 10 &+ digits &>> 8) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_FFFF_0000_FFFF
    return Int64(truncatingIfNeeded: (fours &* 10_000 &+ fours &>> 32) & 0xFFFF_FFFF)
  }
}
