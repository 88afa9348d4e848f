import PlayRows

/// Where a row's key leaves another one that does not come after it, and how: a number by which most keys are compared.
///
/// Of two rows with codes relative to one and the same key, the one with the smaller code has the smaller key: it has more in
/// common with that key, or goes on with a smaller chunk. And the code of the other one holds relative to it, too. So a
/// merge, which compares each row with rows that lost to its predecessor, looks at the bytes only to make the
/// code, and where two are equal. ("Offset-value coding": Conner 1977; Do and Graefe, "Robust and Efficient Sorting with
/// Offset-Value Coding", 2022.)
///
/// Keys are compared in chunks of six bytes. Upper 16 bits: how many chunks are in common, counted down; lower 48: the next
/// chunk, with zeros for what is missing.
enum KeyCode {
  /// Of a row with the same key.
  static let same: UInt64 = 0
  /// Greater than that of any row.
  static let none = UInt64.max
  private static let mostCommon: UInt64 = 0xFFFD

  /// Relative to what is before every key.
  @inline(__always)
  static func first(of row: RowView) -> UInt64 { unsafe code(common: 0, row.song, chunk: 0) }

  /// Relative to a row whose key does not come after this one.
  @inline(__always)
  static func of(_ row: RowView, after base: RowView) -> UInt64 {
    let song = unsafe commonPrefix(row.song, base.song)
    guard unsafe song == row.song.count && song == base.song.count else {
      return unsafe code(common: song / chunk, row.song, chunk: song / chunk)
    }
    let date = unsafe commonPrefix(row.date, base.date)
    guard unsafe date == row.date.count && date == base.date.count else {
      return unsafe code(common: song / chunk + 1 + date / chunk, row.date, chunk: date / chunk)
    }
    return same
  }

  private static let chunk = 6

  @inline(__always)
  private static func code(
    common: Int, _ bytes: UnsafeRawBufferPointer, chunk index: Int
  ) -> UInt64 {
    // Beyond that many chunks all codes are alike, and the keys themselves are compared.
    if common >= Int(mostCommon) { return 1 << 48 }
    let shared = (mostCommon + 1 - UInt64(truncatingIfNeeded: common)) << 48
    guard let start = bytes.baseAddress else { return shared }
    return unsafe shared | orderingWord(start, bytes.count, depth: index * chunk) >> 16
  }

  /// How many bytes two texts begin with alike.
  ///
  /// Why the loads hold: all lie within the shorter one.
  @inline(__always)
  private static func commonPrefix(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
  ) -> Int {
    let common = min(left.count, right.count)
    var offset = 0
    while offset + 8 <= common {
      let difference =
        unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if difference != 0 {
        return offset + UInt64(littleEndian: difference).trailingZeroBitCount / 8
      }
      offset += 8
    }
    while offset < common, unsafe left[offset] == right[offset] { offset += 1 }
    return offset
  }
}
