import TestSupport

/// Rows that are the same for a seed, of so few songs and dates that many share a group.
///
/// Keys are of every length up to a few words and hold what needs quotes; plays are small, large and at
/// the edges.
func randomRows(_ count: Int, songs: Int, dates: Int, seed: UInt64) -> [Row] {
  var random = SeededGenerator(seed: seed)
  let songList = (0..<songs).map { _ in randomText(upTo: 40, using: &random) }
  let dateList = (0..<dates).map { _ in randomText(upTo: 12, using: &random) }
  return (0..<count).map { _ in
    let song = songList[Int.random(in: 0..<songs, using: &random)]
    let date = dateList[Int.random(in: 0..<dates, using: &random)]
    return Row(Key(song, date), randomPlays(using: &random))
  }
}

/// Text of a few letters, so that many begin alike; separators, quotes, line ends and letters of
/// two and four bytes among them.
private func randomText(upTo length: Int, using random: inout SeededGenerator) -> [UInt8] {
  let letters = [
    "a", "b", "aaaaaaaa", "-", ",", "\"", "\n", " ", "\u{E9}", "e\u{301}", "\u{1F3B5}",
  ]
  var text: [UInt8] = []
  for _ in 0..<Int.random(in: 0...length, using: &random) {
    let letter = letters[Int.random(in: 0..<letters.count, using: &random)]
    if text.count + letter.utf8.count <= length { text += Array(letter.utf8) }
  }
  return text
}

private func randomPlays(using random: inout SeededGenerator) -> Int64 {
  switch Int.random(in: 0..<10, using: &random) {
  case 0: .max
  case 1: .min
  case 2: Int64.random(in: .min ... .max, using: &random)
  default: Int64.random(in: -100...1000, using: &random)
  }
}
