import GRDB
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

/// Random files against what SQLite itself makes of their rows.
struct GroupByTests {
  /// Fields as the database has them, with SQLite's own order and its own sums.
  private struct Sum: Equatable {
    let song: String
    let date: String
    let plays: Int64
  }

  private static let grouped = """
    SELECT song, date, SUM(plays) AS plays FROM plays GROUP BY song, date ORDER BY song, date
    """
  private static let single = "SELECT song, date, plays FROM plays ORDER BY song, date, plays"

  private static func fetch(_ sql: String, from reader: any DatabaseReader) throws -> [Sum] {
    try reader.read { database in
      try Row.fetchAll(database, sql: sql).map { row in
        Sum(song: row["song"], date: row["date"], plays: row["plays"])
      }
    }
  }

  /// A table into which the rows were put one by one.
  private static func table(of rows: [RandomPlay]) throws -> DatabaseQueue {
    let queue = try DatabaseQueue()
    try queue.write { database in
      try database.execute(
        sql: "CREATE TABLE plays (song TEXT NOT NULL, date TEXT NOT NULL, plays INTEGER NOT NULL)")
      for row in rows {
        try database.execute(
          sql: "INSERT INTO plays VALUES (?, ?, ?)", arguments: [row.song, row.date, row.plays])
      }
    }
    return queue
  }

  /// Any number of threads, pieces of any size, and memory for all sums or for next to none.
  ///
  /// Where it is next to none each piece is a set, which takes a commit, so that there are 300 pieces at most.
  private static func place(
    for file: [UInt8], keep: Settings.Keep, using dice: inout SeededGenerator
  ) throws -> Workplace {
    var place = try Workplace([
      .keep: keep.rawValue, .memory: ["1MiB", "256MiB"].randomElement(using: &dice) ?? "1MiB",
      .workers: "64",
    ])
    place.limits = IngestLimits(
      members: Int.random(in: 1...8, using: &dice),
      pieceSize: max(file.count / 300, 1) << Int.random(in: 0...9, using: &dice), sizeForMembers: 0,
      leastTallyMemory: 1 << Int.random(in: 12...18, using: &dice))
    return place
  }

  @Test(arguments: 0..<Soak.count(12, 400), [Settings.Keep.totals, .rows])
  func `result and database have the sums that SQLite's GROUP BY makes of the rows`(
    number: Int, keep: Settings.Keep
  ) async throws {
    Soak.announce("GROUP BY, file \(number), keep \(keep)")
    var dice = SeededGenerator(seed: Soak.seed &* 31 &+ UInt64(number))
    let plays = RandomPlays(using: &dice)
    let place = try Self.place(for: plays.file, keep: keep, using: &dice)
    let note = "file \(number), \(plays.rows.count) rows, \(place.limits), WATCHD_SEED=\(Soak.seed)"
    let task = try await place.process(plays.file)
    let oracle = try Self.table(of: plays.rows)
    let sums = try Self.fetch(Self.grouped, from: oracle)
    #expect(task.status == .done, "\(task.error ?? ""), \(note)")
    #expect(task.rowsRead == plays.rows.count, "\(note)")
    #expect(task.groups == Int64(sums.count), "\(note)")
    #expect(task.playsSum == plays.rows.reduce(Int128(0)) { $0 + Int128($1.plays) }, "\(note)")

    let lines = sums.map { "\(quoted($0.song)),\(quoted($0.date)),\($0.plays)\n" }
    let expected = "Song,Date,Total Number of Plays for Date\n" + lines.joined()
    // By bytes, for Swift takes composed and decomposed letters for the same.
    let isExact = try place.bytes("plays.csv") == Array(expected.utf8)
    #expect(isExact, "\(note)")
    let found = try Self.fetch(Self.grouped, from: place.store.readable)
    #expect(found == sums, "\(note)")
    if keep == .rows {
      let (kept, given) = (
        try Self.fetch(Self.single, from: place.store.readable),
        try Self.fetch(Self.single, from: oracle)
      )
      #expect(kept == given, "\(note)")
    }
    try place.expectSound()
  }
}
