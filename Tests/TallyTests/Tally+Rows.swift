import PlayRows
import Testing

@testable import CSV
@testable import Tally

/// How rows come in and groups go out in these tests.
extension Tally {
  /// A tally of the rows, which are read from a file that holds them, as the product reads them.
  init(
    reading rows: [Row], keep: Keep = .totals, memory: Int = 1 << 30, seed: UInt64 = 1
  ) throws {
    self.init(keep: keep, memory: memory, seed: seed)
    try read(rows)
  }

  /// Adds rows by way of the bytes of a file and the reader.
  mutating func read(_ rows: [Row]) throws {
    var file = csv(of: rows)
    var reader = PlaysReader()
    var batch = RowBatch(capacity: 500)
    var rejects: [Reject] = []
    var stop = PlaysReader.Stop.needsRoom
    while stop != .finished {
      var span = file.mutableSpan
      let progress = try reader.read(&span, isFinal: true, into: &batch, rejects: &rejects)
      unsafe file.withUnsafeBytes { unsafe add(batch, in: $0) }
      file.removeFirst(progress.consumed)
      stop = progress.stop
    }
    try #require(rejects.isEmpty, "the rows of a test can be read")
    try #require(reader.rowsRead == rows.count, "the rows of a test are all read")
  }

  /// Adds rows whose keys may hold any byte, past the reader.
  mutating func addRaw(_ rows: [Row]) {
    var bytes: [UInt8] = []
    var batch = RowBatch(capacity: max(1, rows.count))
    for row in rows {
      let songStart = bytes.count
      bytes += row.key.song
      let dateStart = bytes.count
      bytes += row.key.date
      batch.append(
        PlayRow(
          song: songStart..<dateStart, date: dateStart..<bytes.count, plays: row.plays))
    }
    unsafe bytes.withUnsafeBytes { unsafe add(batch, in: $0) }
  }
}

extension SortedTally {
  /// The rows, which are read from a file that holds them, summed and sorted.
  convenience init(
    reading rows: [Row], keep: Tally.Keep = .totals, seed: UInt64 = 1
  ) throws {
    self.init(try Tally(reading: rows, keep: keep, seed: seed))
  }

  /// Rows whose keys may hold any byte, past the reader.
  convenience init(raw rows: [Row], keep: Tally.Keep = .totals, seed: UInt64 = 1) {
    var tally = Tally(keep: keep, memory: 1 << 30, seed: seed)
    tally.addRaw(rows)
    self.init(tally)
  }

  var groupCount: Int { groupList().count }
  var rowCount: Int { tally.rowCount }
  var playsSum: Int128 { tally.playsSum }

  /// The groups in the order of the result, with their exact sums.
  func groupList() -> [Group] {
    var groups: [Group] = []
    for row in rowList() {
      if let last = groups.last, last.key == row.key {
        groups[groups.count - 1].sum += Int128(row.plays)
      } else {
        groups.append(Group(row.key, Int128(row.plays)))
      }
    }
    return groups
  }

  /// What the database would keep, in the order in which it is given; by blocks of a few rows.
  func rowList(blockLimit: Int = 100) -> [Row] {
    blockList(limit: blockLimit).flatMap { $0 }
  }

  /// The same, each block by itself.
  func blockList(limit: Int) -> [[Row]] {
    var run = makeRun()
    var blocks: [[Row]] = []
    var block = RowBlock(limit: limit)
    while true {
      block.removeAll()
      run.fill(&block)
      if block.isEmpty { return blocks }
      blocks.append(block.rowList())
    }
  }
}

extension RowBlock {
  func rowList() -> [Row] {
    var rows: [Row] = []
    var place = 0
    while let row = next(&place) {
      rows.append(Row(unsafe Key(Array(row.song), Array(row.date)), row.plays))
    }
    return rows
  }

  mutating func append(_ row: Row) {
    unsafe row.key.song.withUnsafeBytes { song in
      unsafe row.key.date.withUnsafeBytes { date in
        unsafe append(song: song, date: date, plays: row.plays)
      }
    }
  }
}

/// A file of the rows, every song and date in quotes.
private func csv(of rows: [Row]) -> [UInt8] {
  let quote = UInt8(ascii: "\"")
  func quoted(_ field: [UInt8]) -> [UInt8] {
    [quote] + field.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
  }
  var file = Array("Song,Date,Number of Plays\n".utf8)
  for row in rows {
    file += quoted(row.key.song)
    file.append(UInt8(ascii: ","))
    file += quoted(row.key.date)
    file += Array(",\(row.plays)\n".utf8)
  }
  return file
}
