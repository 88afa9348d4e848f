import Foundation
import GRDB
import PlayRows
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

@Suite struct PlaysTests {
  static let totals =
    "SELECT song, date, SUM(plays) AS plays FROM plays GROUP BY song, date ORDER BY song, date"

  @Test func `the view shows nothing of a task until it is done and then all of it`() throws {
    let fixture = try StoreFixture()
    let rows = (1...300).map { number in PlayRow("song \(number % 7)", "day", Int64(number)) }
    let task = try fixture.started(1)
    try fixture.append(Array(rows[..<100]), to: task)
    #expect(try fixture.plays().isEmpty)
    try fixture.append(Array(rows[100..<200]), to: task)
    #expect(try fixture.plays().isEmpty)
    #expect(try fixture.ingested(Array(rows[200...]), by: task) == .loaded)
    #expect(try fixture.plays().isEmpty)
    try fixture.finish(task)
    #expect(Set(try fixture.plays()) == Set(rows))
    let ids = try fixture.sql("SELECT DISTINCT task_id FROM plays")
    #expect(ids.map { row in row["task_id"] as String } == [task.description])
  }

  @Test func `tasks whose batches lie between each other keep their own rows`() throws {
    let fixture = try StoreFixture()
    let one = try fixture.started(1)
    let two = try fixture.started(2)
    for batch in 1...5 {
      try fixture.append([PlayRow("one", "\(batch)", 1), PlayRow("one", "\(batch)", 2)], to: one)
      try fixture.append([PlayRow("two", "\(batch)", 10)], to: two)
    }
    _ = try fixture.ingested([], by: one)
    try fixture.fail(two)
    try fixture.finish(one)
    #expect(try fixture.count("play_rows") == 10)
    #expect(try fixture.plays().allSatisfy { row in row.song == "one" })
    // The ids of the rows taken out are used again, for rows of the next task.
    try fixture.done(3, [PlayRow("three", "d", 5)])
    #expect(try fixture.plays().count == 11)
  }

  @Test func `the totals are those of the rows that went in`() throws {
    let fixture = try StoreFixture()
    var random = SeededGenerator(seed: 11)
    var all: [PlayRow] = []
    for number in 1...6 {
      let rows = (0..<200).map { _ in
        PlayRow(
          "song \(Int.random(in: 0..<9, using: &random))",
          "2024-01-0\(Int.random(in: 1...9, using: &random))",
          Int64.random(in: -1_000_000...1_000_000, using: &random))
      }
      try fixture.done(number, rows)
      all += rows
    }
    // The oracle is SQLite itself, on a plain table of the raw rows.
    let oracle = try DatabaseQueue()
    let expected = try oracle.write { database in
      try database.execute(sql: "CREATE TABLE plays (song, date, plays)")
      for row in all {
        try database.execute(
          sql: "INSERT INTO plays VALUES (?, ?, ?)", arguments: [row.song, row.date, row.plays])
      }
      return try Row.fetchAll(database, sql: Self.totals)
    }
    #expect(try fixture.sql(Self.totals) == expected)
  }

  @Test func `the view reads the rows of done tasks by their ranges`() throws {
    let fixture = try StoreFixture()
    let plan = try fixture.sql("EXPLAIN QUERY PLAN SELECT * FROM plays WHERE task_id = 'x'")
      .map { row in row["detail"] as String }
    let loops = [
      "SEARCH manifest USING", "SEARCH batches USING PRIMARY KEY (task=?)",
      "SEARCH play_rows USING INTEGER PRIMARY KEY",
    ].map { loop in plan.firstIndex { $0.contains(loop) } ?? -1 }
    #expect(loops == loops.sorted() && !loops.contains(-1), "\(plan)")
    #expect(!plan.contains { $0.hasPrefix("SCAN play_rows") || $0.hasPrefix("SCAN batches") })
  }

  @Test(arguments: [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max])
  func `plays at the edges of 64 bits stay whole numbers`(plays: Int64) throws {
    let fixture = try StoreFixture()
    try fixture.done(1, [PlayRow("a", "d", plays)])
    let row = try #require(
      try fixture.sql("SELECT plays, typeof(plays) AS type FROM plays").first)
    #expect(row["type"] == "integer")
    #expect(row["plays"] == plays)
    let sum = try #require(
      try fixture.sql("SELECT plays_sum, typeof(plays_sum) AS type FROM manifest").first)
    #expect(sum["type"] == "integer")
    #expect(sum["plays_sum"] == plays)
  }

  @Test func `an exact sum beyond 64 bits is kept as decimal text`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.done(1, [PlayRow("a", "d", .min), PlayRow("b", "d", .min)])
    let row = try #require(
      try fixture.sql("SELECT plays_sum, typeof(plays_sum) AS type FROM manifest").first)
    #expect(row["type"] == "text")
    #expect(row["plays_sum"] == "-18446744073709551616")
    #expect(try fixture.store.task(task)?.record.playsSum == Int128(Int64.min) * 2)
  }

  @Test func `rows refuse a number that is not whole`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1, [PlayRow("a", "d", .max)])
    #expect {
      try fixture.store.pool.write { database in
        try database.execute(sql: "UPDATE play_rows SET plays = plays + 1")
      }
    } throws: { error in
      (error as? DatabaseError)?.extendedResultCode == .SQLITE_CONSTRAINT_DATATYPE
    }
  }

  @Test(arguments: [
    "", " ", "a \"quoted\" song, with commas", "two\nlines\r\nand a third", "🎵 عربي 中文",
    "'); DROP TABLE manifest; --", "café", "cafe\u{301}", String(repeating: "é", count: 524_288),
  ])
  func `a song comes back byte for byte`(song: String) throws {
    let fixture = try StoreFixture()
    try fixture.done(1, [PlayRow(song, "2024-01-01", 1)])
    let row = try #require(
      try fixture.sql("SELECT CAST(song AS BLOB) AS song, typeof(song) AS type FROM plays").first)
    #expect(row["type"] == "text")
    #expect(Array(row["song"] as Data) == Array(song.utf8))
  }

  @Test func `composed and decomposed spellings are two songs`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1, [PlayRow("caf\u{E9}", "d", 1), PlayRow("cafe\u{301}", "d", 2)])
    #expect(try fixture.sql(Self.totals).count == 2)
  }

  @Test func `a NUL is not the end of a song`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1, [PlayRow("a\u{0}b", "d", 1)])
    let row = try #require(
      try fixture.sql("SELECT length(CAST(song AS BLOB)) AS bytes FROM plays").first)
    #expect(row["bytes"] == 3)
  }

  /// SQLite says how it runs a statement; a copy of whole rows never looks into one.
  @Test func `many rows are copied by SQLite without being taken apart`() throws {
    let fixture = try StoreFixture()
    try fixture.append(
      (0..<2000).map { PlayRow("s", "d", Int64($0)) }, to: try fixture.started(1))
    let program = try fixture.store.pool.writeWithoutTransaction { database in
      try Row.fetchAll(database, sql: "EXPLAIN " + SQLiteRowLoader.copySQL)
        .map { row in row["opcode"] as String }
    }
    #expect(program.contains("Insert"))
    #expect(program.contains("RowData") || program.contains("RowCell"))
    #expect(!program.contains("Column") && !program.contains("MakeRecord"), "\(program)")
  }

  @Test func `the database is sound after rows of every size were copied into it`() throws {
    let fixture = try StoreFixture()
    var random = SeededGenerator(seed: 5)
    let numbers: [Int64] = [
      0, 1, -1, 2, 127, 128, -128, -129, 32_767, 32_768, -32_769, 8_388_607, 8_388_608, -8_388_609,
      2_147_483_647, 2_147_483_648, -2_147_483_649, 140_737_488_355_327, 140_737_488_355_328,
      -140_737_488_355_329, .max, .min,
    ]
    let rows = (0..<5000).map { index in
      // Around the lengths at which a varint grows, and now and then one beyond a page.
      let length =
        [0, 1, 57, 58, 59, 63, 64, 8185, 8186, 59_950, 59_990, 70_000]
        .randomElement(using: &random) ?? 0
      return PlayRow(
        index % 50 == 0 ? String(repeating: "y", count: length) : "song \(index)",
        index % 3 == 0 ? "" : "2024-01-01", numbers[index % numbers.count])
    }
    let task = try fixture.started(1)
    try fixture.append(rows, to: task)
    #expect(try fixture.sql("PRAGMA integrity_check").map { $0["integrity_check"] } == ["ok"])
    #expect(try fixture.stored() == rows)
  }

  /// Around the number of rows from which on they are copied, and the length that an image can hold.
  @Test(arguments: [0, 1, 399, 400, 401, 900], [1, 1310, 59_970, 60_000, 65_527])
  func `rows go in whole and in their order whatever their number and length`(
    count: Int, length: Int
  ) throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    let rows = (0..<count).map { number in
      // Every seventh row is short, so that the buffer fills up at different places.
      PlayRow(
        String(repeating: "x", count: number % 7 == 6 ? 3 : length), "2024-01-01", Int64(number))
    }
    try fixture.append([PlayRow("before", "d", -1)], to: task)
    try fixture.append(rows, to: task)
    #expect(try fixture.stored() == [PlayRow("before", "d", -1)] + rows)
    let batch = try #require(try fixture.sql("SELECT * FROM batches ORDER BY number").last)
    #expect(batch["first_row"] as Int64? == (count == 0 ? nil : 2))
    #expect(batch["last_row"] as Int64? == (count == 0 ? nil : Int64(count) + 1))
  }

  @Test func `an empty field lent without an address is the empty text`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    var rows = RowBlock(limit: 1 << 20)
    let none = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    unsafe rows.append(song: none, date: none, plays: 1)
    try fixture.store.appendBatch(
      task, run: 1, progress: StoreFixture.progress(2), rows: rows, rejects: [])
    let stored = try fixture.sql("SELECT typeof(song) AS song, date FROM play_rows")
    #expect(stored.map { row in row["song"] as String } == ["text"])
    #expect(stored.map { row in row["date"] as String } == [""])
  }

  @Test func `a batch that fails half way leaves nothing behind`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    try fixture.append([PlayRow("kept", "d", 1)], to: task)
    // After the rows something fails: a rejected record that the table refuses.
    try fixture.store.pool.write { database in
      try database.execute(
        sql: """
          CREATE TRIGGER stand_in BEFORE INSERT ON reject_rows
          BEGIN SELECT RAISE(ABORT, 'a stand-in for any failure'); END
          """)
    }
    let reject = RejectedRecord(line: 2, column: 1, byte: 3, reason: "r", raw: [])
    #expect(throws: StoreError.self) {
      try fixture.append(
        (0..<1000).map { PlayRow("a", "d", $0) }, to: task, rejects: [reject])
    }
    #expect(try fixture.count("play_rows") == 1)
    #expect(try fixture.count("batches") == 1)
    #expect(try fixture.store.task(task)?.record.rowsRead == 1)
    try fixture.store.pool.write { database in
      try database.execute(sql: "DROP TRIGGER stand_in")
    }
    _ = try fixture.ingested([], by: task)
    try fixture.finish(task)
    #expect(try fixture.plays() == [PlayRow("kept", "d", 1)])
  }
}
