package import CByteMask
import Crypto

// The contract of this module: the SHA-256 of contents, and nothing else. It reads no file and knows no format.
//
// Promises: the digest is that of FIPS 180-4, whatever the pieces in which the bytes come, and on every processor:
// where there are instructions for it they are used, and swift-crypto where there are none. Tests hold both against the
// standard's examples and against each other.
//
// Not promised: that it is faster than swift-crypto when nothing else is done meanwhile.
//
// Why not swift-crypto alone: one block's instructions wait for one another, so that a processor that hashes can
// search the same bytes for fields in the time that the hash takes anyway, if both are in one loop
// (`find_field_ends_hashing`); no library lets anybody in there.

/// A SHA-256 that goes on as contents are read; a copy is the hash up to there.
package struct ContentHash: Sendable {
  /// Nil where the processor has instructions for it.
  private var library: SHA256?
  private var state = sha256_begin()
  /// What has come of a block that is not whole.
  private var pending = InlineArray<64, UInt8>(repeating: 0)
  /// How many bytes were hashed.
  package private(set) var count = 0

  /// - Parameter usesInstructions: Of the processor; only where it has them.
  package init(usesInstructions: Bool = sha256_has_instructions()) {
    if !usesInstructions { library = SHA256() }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    unsafe update(bytes) { state, blocks, count in
      if unsafe state != nil { unsafe sha256_take(state, blocks, count) }
    }
  }

  /// Hashes bytes by a body that does something else meanwhile.
  ///
  /// - Parameters:
  ///   - bytes: What comes next.
  ///   - body: Called once. It has to take all of the blocks, as many as it is told, into the state before it returns; where
  ///     that is nil they are hashed already. The pointers hold for the call.
  package mutating func update(
    _ bytes: UnsafeRawBufferPointer,
    by body: (
      _ state: UnsafeMutablePointer<sha256_state>?, _ blocks: UnsafePointer<UInt8>, _ count: Int
    ) -> Void
  ) {
    // A buffer without memory has no block either, so that nothing is read from the address that stands for it.
    let nothing = unsafe UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    let begin = unsafe bytes.baseAddress ?? nothing
    if library != nil {
      unsafe library?.update(bufferPointer: bytes)
      count += bytes.count
      return unsafe body(nil, begin.assumingMemoryBound(to: UInt8.self), 0)
    }
    let first = count & 63 == 0 ? 0 : min(bytes.count, 64 - count & 63)
    unsafe keep(bytes[..<first])
    if count & 63 == 0, first > 0 { takePending() }
    let blocks = (bytes.count - first) / 64
    unsafe body(&state, (begin + first).assumingMemoryBound(to: UInt8.self), blocks)
    count += 64 * blocks
    unsafe keep(bytes[(first + 64 * blocks)...])
  }

  /// 64 hexadecimal digits.
  package var hexadecimal: String {
    if let library { return library.finalize().hexadecimal }
    var last = self
    return last.finish().hexadecimal
  }

  /// Puts less than a block behind what is pending.
  private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
    for index in unsafe bytes.indices {
      pending[count & 63] = unsafe bytes[index]
      count += 1
    }
  }

  private mutating func takePending() {
    let pending = pending
    unsafe pending.span.withUnsafeBufferPointer { block in
      unsafe sha256_take(&state, block.baseAddress, 1)
    }
  }

  /// Pads as FIPS 180-4, 5.1.1, says: a bit, zeros, the length in bits.
  private mutating func finish() -> [UInt8] {
    let bits = UInt64(count) * 8
    var padding: [UInt8] = [0x80]
    while (count + padding.count) & 63 != 56 { padding.append(0) }
    for byte in 0..<8 { padding.append(UInt8(truncatingIfNeeded: bits >> (56 - 8 * byte))) }
    unsafe padding.withUnsafeBytes { unsafe update($0) }
    var words = [UInt32](repeating: 0, count: 8)
    unsafe words.withUnsafeMutableBufferPointer { words in
      unsafe sha256_words(&state, words.baseAddress)
    }
    return words.flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }
}

extension Sequence<UInt8> {
  /// Lower-case hexadecimal digits.
  package var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
