import PlayRows
import Testing

@testable import Tally

/// The number by which a merge compares rows: it must order as the keys do, and outlive the key it is relative to.
struct KeyCodeTests {
  /// Songs that share much, end early, and differ at the edges of words and chunks.
  private static func songs() -> [String] {
    let stems = ["", "a", "abcde", "abcdef", "abcdefg", "abcdefghijkl", "abcdefghijklm"]
    return stems.flatMap { stem in
      ["", "\0", "a", "b", "aa", "azzzzzzzz", "baaaaaaaa", "\u{7F}", "é"].map { stem + $0 }
    }
  }

  @Test
  func
    `of rows behind one key the smaller code is the smaller key, and equal codes decide nothing wrong`()
    throws
  {
    var keys: [[[UInt8]]] = []
    for song in Set(Self.songs()) {
      for date in ["", "2024-01-01", "2024-01-02", "2024-01-0"] {
        keys.append([Array(song.utf8), Array(date.utf8)])
      }
    }
    keys.sort { a, b in
      a[0] == b[0] ? a[1].lexicographicallyPrecedes(b[1]) : a[0].lexicographicallyPrecedes(b[0])
    }
    var block = RowBlock(limit: 1 << 20)
    for key in keys {
      unsafe key[0].withUnsafeBytes { song in
        unsafe key[1].withUnsafeBytes { date in
          unsafe block.append(song: song, date: date, plays: 1)
        }
      }
    }
    var rows: [RowView] = []
    var cursor = block.makeCursor()
    while let row = cursor.next() { rows.append(row) }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200_000 {
      let picks = (0..<3).map { _ in Int.random(in: rows.indices, using: &random) }.sorted()
      let (base, low, high) = (rows[picks[0]], rows[picks[1]], rows[picks[2]])
      let (a, b) = (KeyCode.of(low, after: base), KeyCode.of(high, after: base))
      #expect(a <= b)
      #expect((a == KeyCode.same) == (picks[1] == picks[0]))
      // What a merge keeps for the one that lost.
      if a < b { #expect(KeyCode.of(high, after: low) == b) }
      #expect(KeyCode.first(of: low) <= KeyCode.first(of: high))
    }
    _ = block.count
  }
}
