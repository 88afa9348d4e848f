/// The beginning and the end of a text that may be of any length.
struct Excerpt {
  private static let mostHead = 1000
  private static let mostTail = 1000

  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  /// All that came, kept or not.
  private var count = 0

  mutating func append(_ bytes: RawSpan) {
    for offset in bytes.byteOffsets {
      count += 1
      // The offset is one of the span's own, and any byte is a UInt8.
      let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if head.count < Self.mostHead {
        head.append(byte)
      } else {
        tail.append(byte)
      }
    }
    tail.removeFirst(max(0, tail.count - Self.mostTail))
  }

  /// What is left out is counted.
  var text: String {
    let left = count - head.count - tail.count
    let gap = left > 0 ? " [\(left) bytes] " : ""
    return String(decoding: head, as: UTF8.self) + gap + String(decoding: tail, as: UTF8.self)
  }
}
