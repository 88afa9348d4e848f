import CSV
import TestSupport

/// Files that are mostly right and wrong in many small ways, the same for a seed on every run.
struct RandomFile {
  let input: [UInt8]
  let separator: UInt8

  /// - Parameters:
  ///   - generator: Where the choices come from.
  ///   - isText: True where the file must be UTF-8 without NUL and have a plain header.
  init(using generator: inout SeededGenerator, isText: Bool) {
    let separator = ([",", ",", ",", ";", "\t", "|"] as [Character]).pick(&generator)
    var bytes: [UInt8] = []
    if !isText && Int.random(in: 0..<8, using: &generator) == 0 {
      bytes += Self.pieces(Self.oddPieces, 8, separator, &generator)
    } else {
      bytes += Self.text(Self.headers.pick(&generator), separator)
    }
    // Some files are almost regular, so that rows go the fast way between two unusual ones.
    let oddness = Int.random(in: 0...10, using: &generator)
    for _ in 0..<Int.random(in: 0...14, using: &generator) {
      if Int.random(in: 0..<12, using: &generator) >= oddness {
        bytes += Self.text(Self.rows.pick(&generator), separator)
      } else {
        let pieces = isText ? Self.textPieces : Self.textPieces + Self.oddPieces
        bytes += Self.pieces(pieces, 12, separator, &generator)
      }
    }
    input = bytes
    self.separator = Array(String(separator).utf8)[0]
  }

  /// Some thousand bytes of rows of all lengths, nearly all of them right, so that fields and their quotes come to lie
  /// at every place of 64 bytes.
  static func long(using generator: inout SeededGenerator) -> [UInt8] {
    let lineEnd = ["\n", "\n", "\r\n"].pick(&generator)
    var text = "Song,Date,Number of Plays" + lineEnd
    for row in 0..<Int.random(in: 1...120, using: &generator) {
      var song = String(
        repeating: "x", count: Int.random(in: 0...70, using: &generator) >> (row % 5))
      let isQuoted = Bool.random(using: &generator)
      if isQuoted {
        for part in ["\"\"", ",", "\n", "\r\n", "\r"] where Bool.random(using: &generator) {
          let place = Int.random(in: 0...song.count, using: &generator)
          song.insert(
            contentsOf: part, at: song.index(song.startIndex, offsetBy: min(place, song.count)))
        }
        song = "\"\(song)\""
      }
      switch Int.random(in: 0..<40, using: &generator) {
      case 0: text += "a\"b"
      case 1: text += "\"a\"b"
      case 2: text += lineEnd
      default: break
      }
      text += "\(song),\(2024 + row)-01-02,\(row)\(lineEnd)"
    }
    return Array(text.utf8)
  }

  /// A comma stands for the file's separator.
  private static let headers = [
    "Song,Date,Number of Plays\n", "Song,Date,Number of Plays\r\n", "a,b,c\r", "a,b,c,d,\n",
    "number of plays,x,SONG,date\n", "\"Song\",\"Date\",Number of Plays\n",
  ]
  private static let rows = [
    "Song 17,2024-01-31,5\n", "Song 4711,2024-02-30,12345678\n", "x,20240229,123456789\r\n",
    "\"Song, 8\",2024-01-02,77\n", "\"Song 9\",\"2024-01-02\",\"77\"\r\n", "\u{E9}\u{20AC},d,-3\n",
    "Song ten,2024-01-01, 10 \n", "7,a song,its name,2024-01-01\n", "9,,b,20240101\r\n",
    "a longer song title than a word,1999-12-31,0\r", "t\tb,2024-01-02,00000001\n",
    "\"\",,1\n", "\n", "\r\n", "\"say \"\"yes\"\"\",2024-01-01,9\n",
    "\"two\nlines\",2024-01-01,9\n",
    "a,2024-01-01,9,,\n", "a,2024-01-01,9,x\n", "a,2024-01-01\n", "a,2024-01-01,9x\n",
  ]
  private static let textPieces = [
    "\"", "\"", "\"\"", "\"", ",", ",", ",\"", "\",", "\n", "\r", "\r\n", "\"\n", " ", "\t", "a",
    "Song", "1", "-7", "99", "9223372036854775807", "9223372036854775808", "2024-01-31",
    "2024-02-30", "20240229", "\u{E9}", "\u{20AC}", "\u{1F600}", "\u{2028}", "\u{85}", "\u{B}",
    "'", "\\", ";", "|",
  ].map { Array($0.utf8) }
  private static let oddPieces: [[UInt8]] = [
    [0], [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC0, 0xAF], [0xED, 0xA0, 0x80],
    [0x80], [0xF4, 0x90], [0xEF, 0xBB, 0xBF], [0x0A], [0x2C],
  ]

  private static func text(_ text: String, _ separator: Character) -> [UInt8] {
    Array(String(text.map { $0 == "," ? separator : $0 }).utf8)
  }

  private static func pieces(
    _ pieces: [[UInt8]], _ most: Int, _ separator: Character,
    _ generator: inout SeededGenerator
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...most, using: &generator) {
      let piece = pieces.pick(&generator)
      bytes += piece.map { $0 == 0x2C ? Array(String(separator).utf8)[0] : $0 }
    }
    return bytes
  }
}

extension Array {
  fileprivate func pick(_ generator: inout SeededGenerator) -> Element {
    self[Int.random(in: indices, using: &generator)]
  }
}
