import Testing

/// What a tally groups by: two runs of bytes, ordered as the result is.
struct Key: Hashable, Comparable, CustomTestStringConvertible {
  var song: [UInt8]
  var date: [UInt8]

  init(_ song: String, _ date: String) {
    self.init(Array(song.utf8), Array(date.utf8))
  }

  init(_ song: [UInt8], _ date: [UInt8]) {
    self.song = song
    self.date = date
  }

  static func < (left: Self, right: Self) -> Bool {
    if left.song != right.song { return left.song.lexicographicallyPrecedes(right.song) }
    return left.date.lexicographicallyPrecedes(right.date)
  }

  var testDescription: String {
    "(\(String(decoding: song.prefix(40), as: UTF8.self)), \(String(decoding: date, as: UTF8.self)))"
  }
}

/// One row of a file.
struct Row: Hashable {
  var key: Key
  var plays: Int64

  init(_ key: Key, _ plays: Int64) {
    self.key = key
    self.plays = plays
  }

  init(_ song: String, _ date: String, _ plays: Int64) {
    self.init(Key(song, date), plays)
  }
}

/// One group of a result with its exact sum.
struct Group: Hashable {
  var key: Key
  var sum: Int128

  init(_ key: Key, _ sum: Int128) {
    self.key = key
    self.sum = sum
  }

  init(_ song: String, _ date: String, _ sum: Int128) {
    self.init(Key(song, date), sum)
  }
}

/// The oracle: what a tally of the rows must give, from a plain dictionary and a plain sort.
func expectedGroups(of rows: some Sequence<Row>) -> [Group] {
  var sums: [Key: Int128] = [:]
  for row in rows { sums[row.key, default: 0] += Int128(row.plays) }
  return sums.map { Group($0.key, $0.value) }.sorted { $0.key < $1.key }
}
