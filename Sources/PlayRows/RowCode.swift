// Rows in the order of their keys as fewer bytes, for what is written once and read once.
//
// Neighbours in that order are alike: a row is told by how much of the key before it stays (front coding; Witten,
// Moffat and Bell, "Managing Gigabytes", 4.1). Its header is of a fixed size and lengths are limited, so that neither
// side has to search or branch; a row beyond the limits is told whole.
//
//     UInt8   bytes of the song that are those of the row before; 255 for a row that is told whole
//     UInt8   bytes of the song that follow
//     UInt8   the same two of the date, the first in the upper four bits
//     UInt16  plays; 65535 where they follow as Int64
//     the song's bytes, the date's bytes, the plays
//
// Told whole: 255, then the row as it lies in a block. The header is little-endian, and nothing outlives the process.

enum RowCode {
  static let isWhole: UInt8 = 255
  static let longestSongPart = 254
  static let longestDatePart = 15
  static let playsFollow: UInt16 = 65535
  static let headerSize = 5
  /// No row that is not told whole takes more.
  static let longest = headerSize + longestSongPart + longestDatePart + 8
  /// Copies so many bytes, and up to `RowBlock.slack` behind them.
  @inline(__always)
  static func copy(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int) {
    var offset = 0
    repeat {
      let words = unsafe (
        source.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
        source.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
      )
      unsafe target.storeBytes(of: words.0, toByteOffset: offset, as: UInt64.self)
      unsafe target.storeBytes(of: words.1, toByteOffset: offset + 8, as: UInt64.self)
      offset += 16
    } while offset < count
  }

  /// How many bytes are the same from the start on, of so many; up to 7 behind them are read.
  @inline(__always)
  static func sameBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, of count: Int) -> Int {
    var offset = 0
    while offset < count {
      let differing =
        unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if differing != 0 {
        return min(count, offset + UInt64(littleEndian: differing).trailingZeroBitCount / 8)
      }
      offset += 8
    }
    return count
  }
}
