import PlayGenerator

/// What a recipe gives, whole or in lines.
struct Generated {
  let bytes: [UInt8]

  init(_ recipe: Recipe, bufferSize: Int = 1 << 16) throws {
    var generator = try PlayGenerator(recipe)
    var buffer = [UInt8](repeating: 0, count: bufferSize)
    var bytes: [UInt8] = []
    while true {
      let count = generator.fill(&buffer)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    self.bytes = bytes
  }

  /// The lines behind the header.
  var rows: [Substring] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().map { $0 }
  }

  /// Each row up to its second comma, where no title holds one.
  var pairs: [Substring] {
    rows.compactMap { row in row.lastIndex(of: ",").map { row[..<$0] } }
  }

  /// FNV-1a, to have many bytes in one number.
  var fingerprint: UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
