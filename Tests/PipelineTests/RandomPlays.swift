import TestSupport

/// One row of plays, of which a random file has some.
struct RandomPlay {
  let song: String
  let date: String
  let plays: Int64
}

/// Random rows, and a CSV that has them.
///
/// However the rows of one song and day are put together, no sum of some of them leaves 64 bits, so that the order does
/// not matter in which SQLite adds them up.
struct RandomPlays {
  private(set) var rows: [RandomPlay] = []
  private(set) var file: [UInt8] = Array("Song,Date,Number of Plays\n".utf8)
  private var sums: [[String]: (positive: Int64, negative: Int64)] = [:]

  private static let mostBytes = 400 << 10
  private static let words = [
    "a", "B", "z", "0", "Song", " ", ",", "\"", "\"\"", "\n", "\r", "\r\n", "é", "e\u{301}", "日本",
    "\u{1F3B5}", ";", "\t", "|", "'", "=", "\u{1}", "\u{7F}", "\u{FEFF}", "ÿ", "\u{10FFFF}",
  ]

  init(using dice: inout SeededGenerator) {
    let count = 1 << Int.random(in: 0...14, using: &dice)
    let songs = Self.texts(below: count, longest: 12, using: &dice)
    let dates = Self.texts(below: 40, longest: 4, using: &dice)
    // A few songs may be long, and then there are fewer rows.
    while rows.count < count, file.count < Self.mostBytes {
      let song = songs[Int.random(in: songs.indices, using: &dice)]
      let date = dates[Int.random(in: dates.indices, using: &dice)]
      append(
        RandomPlay(song: song, date: date, plays: plays(of: song, date, using: &dice)),
        using: &dice)
    }
  }

  /// Some texts; the number of them is of any order of magnitude.
  private static func texts(
    below count: Int, longest: Int, using dice: inout SeededGenerator
  ) -> [String] {
    let most = 1 << Int.random(in: 0...(Int.bitWidth - count.leadingZeroBitCount), using: &dice)
    return (0..<most).map { number in
      switch Int.random(in: 0..<20, using: &dice) {
      case 0: String(repeating: words.randomElement(using: &dice) ?? "", count: 3_000)
      case 1...5: "Song \(number)"
      default:
        (0..<Int.random(in: 0...longest, using: &dice)).map { _ in
          words.randomElement(using: &dice) ?? ""
        }.joined()
      }
    }
  }

  /// Of any size up to the edges of 64 bits, where there still is room for it.
  private mutating func plays(
    of song: String, _ date: String, using dice: inout SeededGenerator
  ) -> Int64 {
    let any = Int64.random(in: .min ... .max, using: &dice)
    var plays =
      switch Int.random(in: 0..<20, using: &dice) {
      case 0: Int64.max
      case 1: Int64.min
      case 2...9: any >> 54
      default: any >> Int64.random(in: 0..<64, using: &dice)
      }
    var (positive, negative) = sums[[song, date], default: (0, 0)]
    let (sum, overflows) = (plays < 0 ? negative : positive).addingReportingOverflow(plays)
    if overflows { plays = 0 } else if plays < 0 { negative = sum } else { positive = sum }
    sums[[song, date]] = (positive, negative)
    return plays
  }

  private mutating func append(_ row: RandomPlay, using dice: inout SeededGenerator) {
    rows.append(row)
    for text in [row.song, row.date, "\(row.plays)"] {
      file += quoted(text, always: Int.random(in: 0..<4, using: &dice) == 0).utf8
      file.append(UInt8(ascii: ","))
    }
    file.removeLast()
    file += (["\n", "\r\n", "\r"].randomElement(using: &dice) ?? "\n").utf8
  }
}

/// A field as RFC 4180 has it: in quotes where it has to be, or always.
func quoted(_ text: String, always: Bool = false) -> String {
  let needsQuotes = text.utf8.contains { ",\"\r\n".utf8.contains($0) }
  guard always || needsQuotes else { return text }
  return "\"" + text.replacing("\"", with: "\"\"") + "\""
}
