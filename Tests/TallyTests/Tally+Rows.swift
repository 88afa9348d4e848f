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

  /// The groups in the order of the result.
  func groupList() -> [Group] {
    var groups: [Group] = []
    let order = sorted()
    unsafe forEachGroup(order) { song, date, sum in
      groups.append(Group(unsafe Key(Array(song), Array(date)), sum))
    }
    return groups
  }

  /// What the database would keep, in the order in which it is given.
  func rowList() -> [Row] {
    var rows: [Row] = []
    let order = sorted()
    unsafe forEachRow(order) { song, date, plays in
      rows.append(Row(unsafe Key(Array(song), Array(date)), plays))
    }
    return rows
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
