/// What a file is instead of UTF-8 text, told from its first bytes.
enum FileContent: Equatable {
  case utf16
  case utf32
  case gzip
  case zip
  case sqlite

  /// How many bytes it takes to tell; a file may have fewer.
  static let bytesNeeded = 16

  init?(firstBytesOf bytes: Bytes) {
    func begins(_ magic: [UInt8]) -> Bool {
      bytes.count >= magic.count && magic.indices.allSatisfy { bytes[$0] == magic[$0] }
    }
    // UTF-32's mark in little-endian order begins with UTF-16's, so it is asked for first.
    if begins([0xFF, 0xFE, 0, 0]) || begins([0, 0, 0xFE, 0xFF]) {
      self = .utf32
    } else if begins([0xFF, 0xFE]) || begins([0xFE, 0xFF]) {
      self = .utf16
    } else if begins([0x1F, 0x8B]) {
      self = .gzip
    } else if begins([0x50, 0x4B, 3, 4]) {
      self = .zip
    } else if begins(Array("SQLite format 3\0".utf8)) {
      self = .sqlite
    } else if let content = Self.encoding(byZerosIn: bytes) {
      self = content
    } else {
      return nil
    }
  }

  /// ASCII characters in UTF-16 have NUL in every second byte, in UTF-32 in three of four.
  private static func encoding(byZerosIn bytes: Bytes) -> Self? {
    guard bytes.count >= 4 else { return nil }
    switch (bytes[0] == 0, bytes[1] == 0, bytes[2] == 0, bytes[3] == 0) {
    case (false, true, false, true), (true, false, true, false): return .utf16
    case (false, true, true, true), (true, true, true, false): return .utf32
    default: return nil
    }
  }

  var name: String {
    switch self {
    case .utf16: "UTF-16 text"
    case .utf32: "UTF-32 text"
    case .gzip: "a gzip archive"
    case .zip: "a ZIP archive, as spreadsheet workbooks are"
    case .sqlite: "an SQLite database"
    }
  }

  /// What to do, as the end of a sentence.
  var remedy: String {
    switch self {
    case .utf16, .utf32: "save it as UTF-8"
    case .gzip: "send it under a name that ends in .csv.gz"
    case .zip: "unpack it, or save the sheet as CSV in UTF-8"
    case .sqlite: "export its table as CSV"
    }
  }
}
