// Hashing and comparing raw bytes, eight at a time.
//
// Why the unsafe loads hold: every function takes a pointer with the number of bytes behind it and
// loads only within those bytes; loads are unaligned ones, which any address allows.

/// A hash of raw bytes; equal bytes give equal hashes within one seed.
///
/// Multiply and fold, after wyhash (Wang Yi, public domain).
@inline(__always)
func hashBytes(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
  let count = bytes.count
  var hash = seed ^ 0xA076_1D64_78BD_642F
  guard let base = bytes.baseAddress, count > 0 else { return fold(hash, 0xE703_7ED1_A0B4_28DB) }
  if count >= 8 {
    // The first and the last eight bytes are all of most dates and titles.
    let last = unsafe loadWord(base + (count - 8))
    if count <= 16 {
      hash ^= unsafe loadWord(base)
      return fold(hash, last ^ 0x5899_65CC_7537_4CC3 ^ UInt64(truncatingIfNeeded: count) << 56)
    }
    var offset = 0
    while offset + 8 < count {
      hash = unsafe fold(hash ^ loadWord(base + offset), 0x8EBC_6AF0_9C88_C6E3)
      offset += 8
    }
    // The last eight bytes overlap the ones before them.
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
    if count <= 16 {
      let first = unsafe loadWord(left) ^ loadWord(right)
      return unsafe first | (loadWord(left + (count - 8)) ^ loadWord(right + (count - 8))) == 0
    }
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

/// Eight bytes from a depth on, as a number that orders as the bytes do; zeros stand for what is missing.
///
/// Where two numbers differ the bytes do, and order alike; equal ones that end in zero may still be an end and
/// a NUL.
@inline(__always)
func orderingWord(_ bytes: UnsafeRawPointer, _ count: Int, depth: Int) -> UInt64 {
  let left = count - depth
  if left >= 8 { return unsafe loadWord(bytes + depth).bigEndian }
  if left <= 0 { return 0 }
  if count >= 8 {
    // The last eight bytes, those before the depth shifted out.
    return unsafe loadWord(bytes + (count - 8)).bigEndian << UInt64(8 * (8 - left))
  }
  var word: UInt64 = 0
  for index in depth..<count {
    word |=
      unsafe UInt64(bytes.load(fromByteOffset: index, as: UInt8.self))
      << UInt64(56 - 8 * (index - depth))
  }
  return word
}

/// Negative, zero or positive as `left` orders before, with or after `right`, byte by byte.
///
/// A prefix orders before what it begins: the order of SQLite's BINARY collation.
@inline(__always)
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
