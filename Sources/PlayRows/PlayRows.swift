// The contract of this module: rows of plays as bytes, many to a block, and nothing else.
//
// A block is what travels between the parts of the engine that are not one module: the tally and the merge
// fill blocks, the database loader and the result writer read them, each on a thread of its own. A row
// is 16 bytes (length of song and date, plays) and the bytes of song and date, one after the other; a
// block is one piece of memory that is filled again and again.
//
// Promises: what was appended is read back, byte for byte, in order; a reader never sees a row that is not
// whole. Not promised: any order of rows, or that keys differ; that is the business of who fills it.
//
// The functions are inlinable because they are the inner loop of four other modules, and public because the compiler
// (swift 6.3) takes nothing that is `package` into another module. No product is a library, so that nobody else
// sees them. The price: who changes the layout of a row changes every module, which is why nothing outside
// reads it by itself.

/// A row lent by a block; the bytes hold until the block is changed.
@frozen
@safe
public struct RowView: BitwiseCopyable {
  /// The song's bytes.
  public let song: UnsafeRawBufferPointer
  /// The date's bytes.
  public let date: UnsafeRawBufferPointer
  /// The plays of this row alone.
  public let plays: Int64

  /// Makes a row of bytes that lie elsewhere.
  @inlinable
  @inline(__always)
  public init(song: UnsafeRawBufferPointer, date: UnsafeRawBufferPointer, plays: Int64) {
    unsafe self.song = song
    unsafe self.date = date
    self.plays = plays
  }
}

/// Copies bytes between two places that do not overlap; titles and dates are short, and a call of memcpy(3) for
/// each takes longer than the copying.
///
/// Why the unsafe accesses hold: both places have `count` bytes, and every load and store lies within them:
/// where the length is no multiple of the word, the last word overlaps the one before it.
@inlinable
@inline(__always)
public func copyBytes(
  from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
) {
  if count >= 8 {
    if count > 64 { return unsafe target.copyMemory(from: source, byteCount: count) }
    var offset = 0
    while offset + 8 < count {
      unsafe target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self), toByteOffset: offset,
        as: UInt64.self)
      offset += 8
    }
    let last = count - 8
    unsafe target.storeBytes(
      of: source.loadUnaligned(fromByteOffset: last, as: UInt64.self), toByteOffset: last,
      as: UInt64.self)
  } else if count >= 4 {
    let last = count - 4
    let words = unsafe (
      source.loadUnaligned(as: UInt32.self),
      source.loadUnaligned(fromByteOffset: last, as: UInt32.self)
    )
    unsafe target.storeBytes(of: words.0, as: UInt32.self)
    unsafe target.storeBytes(of: words.1, toByteOffset: last, as: UInt32.self)
  } else {
    for offset in 0..<count {
      unsafe target.storeBytes(
        of: source.load(fromByteOffset: offset, as: UInt8.self), toByteOffset: offset,
        as: UInt8.self)
    }
  }
}
