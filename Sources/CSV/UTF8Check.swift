/// How far the buffer is known to be UTF-8 without NUL: each byte is looked at once, whatever the
/// pieces in which it comes.
///
/// UTF-8 resumes at any ASCII byte and records begin after one, so a bad byte spoils its own record
/// only: the reader calls `resume` at the next record, and the check goes on from there.
struct UTF8Check {
  /// All before this offset is clean.
  private(set) var clean = 0
  /// True where the byte at `clean` is the first of a sequence that is not UTF-8, or is NUL.
  private(set) var isBad = false

  /// What stands at an offset.
  enum Sequence: Equatable {
    /// A scalar of one to four bytes; U+0000 counts as one here.
    case scalar(Int)
    /// The buffer ends within a sequence that is right so far.
    case cut
    case invalid
  }

  /// Goes on at least to `end`, or to the first bad byte, or to a sequence cut by the buffer's end.
  mutating func extend(to end: Int, in bytes: Bytes, isFinal: Bool) {
    var at = clean
    while !isBad && at < end {
      at = Self.skipASCII(from: at, to: end, in: bytes)
      guard at < end else { break }
      if bytes[at] == 0 {
        isBad = true
        break
      }
      switch Self.sequence(at: at, in: bytes) {
      case .scalar(let length):
        at += length
      case .cut:
        isBad = isFinal
        clean = at
        return
      case .invalid:
        isBad = true
      }
    }
    clean = at
  }

  /// Learns that all before an offset is clean, from whoever looked.
  mutating func skip(to end: Int) {
    if !isBad { clean = max(clean, end) }
  }

  /// Forgets what lies before `start`: the records there are done with, their bad bytes too.
  mutating func resume(at start: Int) {
    guard clean < start else { return }
    clean = start
    isBad = false
  }

  /// Follows the buffer when `count` bytes leave its front.
  mutating func drop(_ count: Int) {
    resume(at: count)
    clean -= count
  }

  /// Stops within eight bytes before the first byte that is not ASCII or is NUL, or at the bound.
  private static func skipASCII(from start: Int, to end: Int, in bytes: Bytes) -> Int {
    var at = start
    while at + 32 <= end {
      let (a, b) = (bytes.word(at: at), bytes.word(at: at + 8))
      let (c, d) = (bytes.word(at: at + 16), bytes.word(at: at + 24))
      // Subtracting one borrows into a byte's highest bit where it was zero, and only there or
      // above such a byte: without one, all that is left is the bytes' own highest bits.
      let borrowed = (a &- Word.ones) | (b &- Word.ones) | (c &- Word.ones) | (d &- Word.ones)
      guard (a | b | c | d | borrowed) & Word.highs == 0 else { break }
      at += 32
    }
    while at < end, bytes[at] &- 1 < 0x7F { at += 1 }
    return at
  }

  /// Reads one sequence as in table 3-7 of the Unicode standard ("Well-Formed UTF-8 Byte
  /// Sequences").
  static func sequence(at start: Int, in bytes: Bytes) -> Sequence {
    let lead = bytes[start]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0x00...0x7F: return .scalar(1)
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
      length = 3
      if lead == 0xE0 { second = 0xA0...0xBF }
      if lead == 0xED { second = 0x80...0x9F }
    case 0xF0...0xF4:
      length = 4
      if lead == 0xF0 { second = 0x90...0xBF }
      if lead == 0xF4 { second = 0x80...0x8F }
    default: return .invalid
    }
    for index in 1..<length {
      guard start + index < bytes.count else { return .cut }
      let allowed = index == 1 ? second : 0x80...0xBF
      guard allowed.contains(bytes[start + index]) else { return .invalid }
    }
    return .scalar(length)
  }
}
