import Foundation
import GRDB
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
    #expect(plan.count == 3)
    #expect(plan.first?.contains("SEARCH manifest USING") == true, "\(plan)")
    #expect(plan.last?.contains("SEARCH play_rows USING INTEGER PRIMARY KEY") == true)
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

  @Test func `a batch is loaded by two prepared statements however many rows it has`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    let rows = (0..<520).map { PlayRow("s", "d", Int64($0)) }
    var prepared: Set<String> = []
    var runs = 0
    fixture.store.pool.writeWithoutTransaction { database in
      database.trace { event in
        guard case .statement(let statement) = event,
          statement.sql.contains("INTO play_rows")
        else { return }
        prepared.insert(statement.sql)
        runs += 1
      }
    }
    try fixture.append(rows, to: task)
    fixture.store.pool.writeWithoutTransaction { database in database.trace(options: []) }
    #expect(prepared.count == 2)
    #expect(runs == 10 + 20)
  }

  /// Around the borders of what the loader keeps back: rows in a run, bytes in its buffer.
  @Test(arguments: [0, 1, 49, 50, 51, 101], [1, 1310, 65_526, 65_527])
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
    let stored = try fixture.sql("SELECT song, date, plays FROM play_rows ORDER BY id").map { row in
      PlayRow(row["song"], row["date"], row["plays"])
    }
    #expect(stored == [PlayRow("before", "d", -1)] + rows)
    let batch = try #require(try fixture.sql("SELECT * FROM batches ORDER BY number").last)
    #expect(batch["first_row"] as Int64? == (count == 0 ? nil : 2))
    #expect(batch["last_row"] as Int64? == (count == 0 ? nil : Int64(count) + 1))
  }

  @Test func `an empty field lent without an address is the empty text`() throws {
    struct Bare: PlayRowSource {
      mutating func forEachRow(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Int64) throws(StoreError) -> Void
      ) throws(StoreError) {
        let none = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        try unsafe body(none, none, 1)
        // Longer than what the loader keeps back, so bound as it is lent.
        let long = UnsafeMutableRawBufferPointer.allocate(byteCount: 100_000, alignment: 1)
        defer { unsafe long.deallocate() }
        unsafe long.initializeMemory(as: UInt8.self, repeating: 0x78)
        try unsafe body(UnsafeRawBufferPointer(long), none, 2)
      }
    }
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    var rows = Bare()
    try fixture.store.appendBatch(
      task, progress: StoreFixture.progress(2), rows: &rows, rejects: [])
    let stored = try fixture.sql("SELECT length(song) AS song, date FROM play_rows ORDER BY id")
    #expect(stored.map { row in row["song"] as Int } == [0, 100_000])
    #expect(stored.map { row in row["date"] as String } == ["", ""])
  }

  @Test func `a batch that fails half way leaves nothing behind`() throws {
    struct Broken: PlayRowSource {
      mutating func forEachRow(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Int64) throws(StoreError) -> Void
      ) throws(StoreError) {
        var good = ArrayRows(rows: [PlayRow("a", "d", 1), PlayRow("b", "d", 2)])
        try unsafe good.forEachRow(body)
        throw .busy(path: "a stand-in for any failure")
      }
    }
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    try fixture.append([PlayRow("kept", "d", 1)], to: task)
    var broken = Broken()
    #expect(throws: StoreError.self) {
      try fixture.store.appendBatch(
        task, progress: StoreFixture.progress(2), rows: &broken, rejects: [])
    }
    #expect(try fixture.count("play_rows") == 1)
    #expect(try fixture.count("batches") == 1)
    #expect(try fixture.store.task(task)?.record.rowsRead == 1)
    _ = try fixture.ingested([], by: task)
    try fixture.finish(task)
    #expect(try fixture.plays() == [PlayRow("kept", "d", 1)])
  }
}
