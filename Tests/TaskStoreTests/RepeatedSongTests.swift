import GRDB
import PlayRows
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

/// Rows of one song that follow each other say it once; nobody who asks sees that.
@Suite struct RepeatedSongTests {
  private static let lengths = [0, 1, 2, 3, 8, 20, 300, 9000]

  /// Songs of every length, some many times in a row, one after the other as a merge gives them.
  private static func rows(_ count: Int, seed: UInt64) -> [PlayRow] {
    var random = SeededGenerator(seed: seed)
    var rows: [PlayRow] = []
    while rows.count < count {
      let length = lengths.randomElement(using: &random) ?? 0
      let song = String(repeating: "\(rows.count % 10)", count: length)
      let repeats =
        Int.random(in: 1...8, using: &random) == 1 ? 400 : Int.random(in: 1...3, using: &random)
      for number in 0..<min(repeats, count - rows.count) {
        rows.append(PlayRow(song, "d\(number)", Int64(rows.count)))
      }
    }
    return rows
  }

  private func asked(_ fixture: StoreFixture) throws -> [PlayRow] {
    try fixture.sql("SELECT song, date, plays FROM plays ORDER BY plays").map { row in
      PlayRow(row["song"], row["date"], row["plays"])
    }
  }

  @Test(arguments: 1...5)
  func `who asks for plays sees every song, and so does a merge`(seed: UInt64) throws {
    let fixture = try StoreFixture()
    let rows = Self.rows(3000, seed: seed)
    let task = try fixture.started(1)
    try fixture.append(Array(rows.prefix(1700)), to: task, run: 1)
    try fixture.append(Array(rows.dropFirst(1700)), to: task, run: 1)
    var merged: [PlayRow] = []
    var run = try #require(try fixture.store.runs(of: task).first)
    // So small that a block ends in the middle of a song.
    while true {
      var block = RowBlock(limit: 2000)
      try run.fill(&block)
      if block.isEmpty { break }
      var place = 0
      while let row = block.next(&place) {
        let (song, date) = unsafe (
          String(decoding: row.song, as: UTF8.self), String(decoding: row.date, as: UTF8.self)
        )
        merged.append(PlayRow(song, date, row.plays))
      }
    }
    #expect(merged == rows)
    _ = try fixture.ingested([], by: task)
    try fixture.finish(task)
    #expect(try asked(fixture) == rows)
    #expect(try fixture.sql("PRAGMA integrity_check").map { $0["integrity_check"] } == ["ok"])
  }

  @Test func `a song is in the database once for all its dates, and every answer has it`() throws {
    let fixture = try StoreFixture()
    try fixture.done(
      1, (0..<1000).map { PlayRow("Hey Jude", "\($0)", 1) } + [PlayRow("99", "d", 5)])
    let stored = try fixture.sql(
      "SELECT typeof(song) AS type, count(*) AS n FROM play_rows GROUP BY 1 ORDER BY 1")
    #expect(stored.map { row in row["n"] as Int } == [999, 2])
    let totals = try fixture.sql(
      "SELECT song, sum(plays) AS n FROM plays GROUP BY song ORDER BY song")
    #expect(totals.map { row in row["song"] as String } == ["99", "Hey Jude"])
    #expect(totals.map { row in row["n"] as Int } == [5, 1000])
    // A song is text, also where it is compared with a number.
    let found = try fixture.sql("SELECT sum(plays) AS n FROM plays WHERE song = 99")
    #expect(found.map { row in row["n"] as Int } == [5])
  }

  @Test func `after somebody's VACUUM each row has its song`() throws {
    let fixture = try StoreFixture()
    let gone = try fixture.started(1)
    try fixture.append((0..<500).map { PlayRow("gone", "\($0)", -1) }, to: gone)
    let rows = Self.rows(2000, seed: 9)
    try fixture.done(2, rows)
    try fixture.store.requeue(gone, toResume: false, reason: "-", at: StoreFixture.time(9))
    let other = try DatabaseQueue(path: fixture.path)
    try other.vacuum()
    try other.close()
    try fixture.done(3, [])
    #expect(try asked(fixture) == rows)
  }

  @Test func `a row whose song is missing is shown without one, not left out`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1, (0..<500).map { PlayRow("Hey Jude", "\($0)", 1) })
    try fixture.store.pool.write { database in
      try database.execute(sql: "UPDATE play_rows SET song = 9999 WHERE rowid = 7")
    }
    let found = try fixture.sql("SELECT count(*) AS n, count(song) AS songs FROM plays").first
    #expect(found?["n"] == 500)
    #expect(found?["songs"] == 499)
  }

  @Test func `a run that begins without its song is refused`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    try fixture.append([PlayRow("Hey Jude", "d", 1)], to: task)
    try fixture.store.pool.write { database in
      try database.execute(sql: "UPDATE play_rows SET song = 1")
    }
    var run = try #require(try fixture.store.runs(of: task).first)
    var block = RowBlock(limit: 2000)
    #expect {
      try run.fill(&block)
    } throws: { error in
      if case StoreError.corrupt = error { true } else { false }
    }
  }

  @Test func `a question about one task looks up no song by reading rows`() throws {
    let fixture = try StoreFixture()
    let plan = try fixture.sql(
      "EXPLAIN QUERY PLAN SELECT * FROM plays JOIN manifest USING (task_id) WHERE name = 'x'"
    ).map { row in row["detail"] as String }
    #expect(
      !plan.contains {
        $0.hasPrefix("SCAN") && !$0.contains("json_each") && !$0.contains("CONSTANT")
      }, "\(plan)")
    #expect(plan.contains { $0.contains("SEARCH naming USING INTEGER PRIMARY KEY") }, "\(plan)")
  }
}
