// Hashing and comparing raw keys, eight bytes at a time.
//
// Why the unsafe loads hold: every function takes a pointer with the number of bytes behind it and
// loads only within those bytes; loads are unaligned ones, which any address allows.

/// A hash of the bytes of song and date; equal keys give equal hashes within one seed.
@inline(__always)
func hashKey(song: UnsafeRawBufferPointer, date: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
  var hash = unsafe hashBytes(song, seed: seed)
  // The length of the song tells ("ab", "c") from ("a", "bc").
  hash ^= UInt64(truncatingIfNeeded: song.count) &* 0x9E37_79B9_7F4A_7C15
  return unsafe hashBytes(date, seed: hash)
}

/// Multiply and fold, after wyhash (Wang Yi, public domain).
@inline(__always)
private func hashBytes(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
  let count = bytes.count
  var hash = seed ^ 0xA076_1D64_78BD_642F
  guard let base = bytes.baseAddress, count > 0 else { return fold(hash, 0xE703_7ED1_A0B4_28DB) }
  if count >= 8 {
    var offset = 0
    while offset + 8 < count {
      hash = unsafe fold(hash ^ loadWord(base + offset), 0x8EBC_6AF0_9C88_C6E3)
      offset += 8
    }
    // The last eight bytes, overlapping the ones before them.
    let last = unsafe loadWord(base + (count - 8))
    return fold(hash ^ last, 0x5899_65CC_7537_4CC3 ^ UInt64(truncatingIfNeeded: count))
  }
  let last = unsafe loadPartialWord(base, count)
  return fold(hash ^ last, 0x1D8E_4E27_C47D_124F ^ UInt64(truncatingIfNeeded: count))
}

@inline(__always)
private func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let product = left.multipliedFullWidth(by: right)
  return product.high ^ product.low
}

@inline(__always)
private func loadWord(_ pointer: UnsafeRawPointer) -> UInt64 {
  unsafe pointer.loadUnaligned(as: UInt64.self)
}

/// One to seven bytes as a word of which no byte lies outside them.
@inline(__always)
private func loadPartialWord(_ pointer: UnsafeRawPointer, _ count: Int) -> UInt64 {
  if count >= 4 {
    let low = unsafe UInt64(pointer.loadUnaligned(as: UInt32.self))
    let high = unsafe UInt64((pointer + (count - 4)).loadUnaligned(as: UInt32.self))
    return low | high << 32
  }
  let first = unsafe UInt64(pointer.load(as: UInt8.self))
  let middle = unsafe UInt64((pointer + count / 2).load(as: UInt8.self))
  let last = unsafe UInt64((pointer + (count - 1)).load(as: UInt8.self))
  return first | middle << 8 | last << 16
}

/// True when the two runs of `count` bytes are equal.
@inline(__always)
func equalBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
  if count >= 8 {
    var offset = 0
    while offset + 8 < count {
      if unsafe loadWord(left + offset) != loadWord(right + offset) { return false }
      offset += 8
    }
    return unsafe loadWord(left + (count - 8)) == loadWord(right + (count - 8))
  }
  if count == 0 { return true }
  return unsafe loadPartialWord(left, count) == loadPartialWord(right, count)
}

/// The first eight bytes as a number that orders as the bytes do; shorter keys are filled with zeros.
func orderingPrefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  if bytes.count >= 8 { return unsafe bytes.loadUnaligned(as: UInt64.self).bigEndian }
  var prefix: UInt64 = 0
  for index in 0..<bytes.count { prefix |= unsafe UInt64(bytes[index]) << UInt64(56 - 8 * index) }
  return prefix
}

/// Negative, zero or positive as `left` orders before, with or after `right`, byte by byte.
///
/// A prefix orders before what it begins: the order of SQLite's BINARY collation.
func compareBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  let common = min(left.count, right.count)
  var offset = 0
  while offset + 8 <= common {
    let a = unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian
    let b = unsafe right.loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian
    if a != b { return a < b ? -1 : 1 }
    offset += 8
  }
  while offset < common {
    let (a, b) = unsafe (left[offset], right[offset])
    if a != b { return a < b ? -1 : 1 }
    offset += 1
  }
  return left.count - right.count
}
