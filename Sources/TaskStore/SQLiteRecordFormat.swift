import PlayRows

/// How SQLite writes numbers: https://www.sqlite.org/fileformat2.html, "Record Format".
///
/// Why the unsafe stores hold: each takes a place in a page of `SQLiteRowImage`, which has counted the bytes
/// with the same functions before it writes them.
extension SQLiteRowImage {
  /// The shortest form of an integer: its type, and how many bytes follow.
  @inline(__always)
  static func size(of value: Int64) -> (type: UInt8, bytes: Int) {
    switch value {
    case 0: (8, 0)
    case 1: (9, 0)
    case -0x80...0x7F: (1, 1)
    case -0x8000...0x7FFF: (2, 2)
    case -0x80_0000...0x7F_FFFF: (3, 3)
    case -0x8000_0000...0x7FFF_FFFF: (4, 4)
    case -0x8000_0000_0000...0x7FFF_FFFF_FFFF: (5, 6)
    default: (6, 8)
    }
  }

  @inline(__always)
  static func varintSize(_ value: UInt64) -> Int {
    if value < 0x80 { return 1 }
    let bits = 64 - value.leadingZeroBitCount
    return bits > 56 ? 9 : (bits + 6) / 7
  }

  @inline(__always)
  static func putVarint(_ value: UInt64, at out: inout UnsafeMutablePointer<UInt8>) {
    if value < 0x80 { return unsafe putByte(UInt8(value), at: &out) }
    let count = varintSize(value)
    var rest = value
    var index = count - 1
    if count == 9 {
      unsafe out[8] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
      index = 7
    }
    var isLast = count < 9
    while index >= 0 {
      unsafe out[index] = UInt8(truncatingIfNeeded: rest & 0x7F) | (isLast ? 0 : 0x80)
      isLast = false
      rest >>= 7
      index -= 1
    }
    unsafe out += count
  }

  @inline(__always)
  static func putByte(_ byte: UInt8, at out: inout UnsafeMutablePointer<UInt8>) {
    unsafe out[0] = byte
    unsafe out += 1
  }

  @inline(__always)
  static func putBytes(
    _ bytes: UnsafeRawBufferPointer, at out: inout UnsafeMutablePointer<UInt8>
  ) {
    if let start = bytes.baseAddress {
      unsafe copyBytes(from: start, to: out, count: bytes.count)
    }
    unsafe out += bytes.count
  }

  /// The lowest bytes of a number, highest first.
  @inline(__always)
  static func putInteger(
    _ value: Int64, _ count: Int, at out: inout UnsafeMutablePointer<UInt8>
  ) {
    for index in 0..<count {
      unsafe out[index] = UInt8(truncatingIfNeeded: value &>> Int64(8 * (count - 1 - index)))
    }
    unsafe out += count
  }

  @inline(__always)
  static func put16(_ value: Int, at out: UnsafeMutablePointer<UInt8>) {
    unsafe out[0] = UInt8(truncatingIfNeeded: value >> 8)
    unsafe out[1] = UInt8(truncatingIfNeeded: value)
  }

  static func put32(_ value: Int, at out: UnsafeMutablePointer<UInt8>) {
    unsafe put16(value >> 16, at: out)
    unsafe put16(value, at: out + 2)
  }
}
