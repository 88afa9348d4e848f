import Testing

@testable import Tally

struct KeyTests {
  @Test func `composed and decomposed letters are two songs`() throws {
    let rows = [Row("Caf\u{E9}", "1", 1), Row("Cafe\u{301}", "1", 2), Row("Caf\u{E9}", "1", 4)]
    let groups = try SortedTally(reading: rows).groupList()
    #expect(groups == [Group("Cafe\u{301}", "1", 2), Group("Caf\u{E9}", "1", 5)])
    #expect(groups.map(\.key.song.count) == [6, 5])
  }

  @Test func `upper and lower case, spaces and look-alikes are kept apart`() throws {
    let songs = ["a", "A", " a", "a ", "а", "ａ"]
    let rows = songs.map { Row($0, "1", 1) }
    #expect(try SortedTally(reading: rows).groupCount == songs.count)
  }

  @Test func `the border between song and date belongs to the key`() throws {
    let rows = [
      Row("ab", "c", 1), Row("a", "bc", 2), Row("abc", "", 4), Row("", "abc", 8), Row("", "", 16),
      Row("ab", "c", 32),
    ]
    let expected = [
      Group("", "", 16), Group("", "abc", 8), Group("a", "bc", 2), Group("ab", "c", 33),
      Group("abc", "", 4),
    ]
    #expect(try SortedTally(reading: rows).groupList() == expected)
  }

  @Test func `a song of 16 MiB is one key, and its last byte counts`() {
    let long = Array(repeating: UInt8(ascii: "x"), count: 16 << 20)
    let other = Array(long.dropLast()) + [UInt8(ascii: "y")]
    let date = Array("2024-01-01".utf8)
    let rows = [Row(Key(long, date), 1), Row(Key(other, date), 2), Row(Key(long, date), 4)]
    let groups = SortedTally(raw: rows).groupList()
    #expect(groups.map(\.sum) == [5, 2])
    #expect(groups.first?.key.song == long)
    #expect(groups.last?.key.song == other)
  }

  /// Lengths around the words in which keys are hashed and compared.
  @Test(arguments: 1...33)
  func `keys of one length that differ in one byte are kept apart`(length: Int) {
    let base = Array(repeating: UInt8(0x61), count: length)
    var rows: [Row] = []
    for place in 0..<length {
      for byte: UInt8 in [0x00, 0x60, 0x62, 0x7F, 0x80, 0xFF] {
        var changed = base
        changed[place] = byte
        rows.append(Row(Key(changed, base), 1))
        rows.append(Row(Key(base, changed), 1))
      }
    }
    let tally = SortedTally(raw: rows + rows)
    #expect(tally.groupCount == rows.count)
    #expect(tally.groupList() == expectedGroups(of: rows + rows))
  }

  @Test func `a key orders before every key that it begins, zero bytes included`() {
    let songs: [[UInt8]] = (0...20).flatMap { length in
      [0x00, 0x01, 0x61, 0xFF].map { Array(repeating: UInt8($0), count: length) }
    }
    let rows = songs.flatMap { song in
      [[], [0], [0xFF], Array("2024-01-01".utf8)].map { Row(Key(song, $0), 1) }
    }
    let tally = SortedTally(raw: rows.reversed())
    #expect(tally.groupList() == expectedGroups(of: rows))
  }

  /// A sort that recursed for every eight bytes would end the process.
  @Test func `keys that begin alike for megabytes are sorted`() {
    let long = Array(repeating: UInt8(ascii: "A"), count: 4 << 20)
    let date = Array("d".utf8)
    let rows =
      [Row("X", "d", 1)] + (0..<20).map { Row(Key(long + [UInt8(100 - $0)], date), 1) }
    let songs = SortedTally(raw: rows).groupList().map(\.key.song.last)
    #expect(songs == (81...100).map { UInt8($0) } + [UInt8(ascii: "X")])
  }

  @Test func `the order is that of the bytes and not of any language`() throws {
    let songs = ["Zoo", "apple", "Äpfel", "\u{10000}", "\u{FFFD}", "a", "B", "10", "9", "~"]
    let groups = try SortedTally(reading: songs.map { Row($0, "1", 1) }).groupList()
    let order = ["10", "9", "B", "Zoo", "a", "apple", "~", "Äpfel", "\u{FFFD}", "\u{10000}"]
    #expect(groups.map { String(decoding: $0.key.song, as: UTF8.self) } == order)
  }

  @Test func `rows of one song are ordered by the bytes of the date`() throws {
    let dates = ["2024-01-10", "2024-01-09", "2024-1-1", "", "20240101", "2024-01-1"]
    let groups = try SortedTally(reading: dates.map { Row("a", $0, 1) }).groupList()
    let order = ["", "2024-01-09", "2024-01-1", "2024-01-10", "2024-1-1", "20240101"]
    #expect(groups.map { String(decoding: $0.key.date, as: UTF8.self) } == order)
  }
}
