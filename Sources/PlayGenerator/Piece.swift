/// Bytes that are stored 16 at a time: up to 15 of text, and in the last one how many they are.
struct Piece: Sendable {
  static let stride = 16

  let bytes: SIMD16<UInt8>
  var count: Int { Int(bytes[15]) }

  init(_ text: String) {
    let utf8 = text.utf8
    precondition(utf8.count < Self.stride, "\(text) is longer than a piece")
    var bytes = SIMD16<UInt8>()
    for (index, byte) in utf8.enumerated() { bytes[index] = byte }
    bytes[15] = UInt8(utf8.count)
    self.bytes = bytes
  }
}

/// A buffer that is written from its beginning; `end` is how far.
extension MutableRawSpan {
  /// Appends a piece.
  ///
  /// It writes up to 15 bytes behind the piece's end, which the next piece writes over in
  /// turn. Whoever appends sees to it first that there is room.
  @inline(__always)
  mutating func append(_ piece: Piece, at end: inout Int) {
    storeBytes(of: piece.bytes, toByteOffset: end, as: SIMD16<UInt8>.self)
    end += piece.count
  }

  mutating func append(_ text: String, at end: inout Int) {
    for byte in text.utf8 {
      storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
      end += 1
    }
  }
}
