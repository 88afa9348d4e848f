import GRDB
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

/// Rows go by an id that another program can change: VACUUM numbers them anew.
@Suite struct RowRangesTests {
  /// Two done tasks, and before each a gap where the rows of another were.
  private func fixtureWithGaps() throws -> StoreFixture {
    let fixture = try StoreFixture()
    for number in [1, 3] {
      let gone = try fixture.started(number)
      try fixture.append([PlayRow("gone", "d\(number)", 7), PlayRow("gone", "e", 7)], to: gone)
      try fixture.done(number + 1, [PlayRow("a", "d\(number)", 1), PlayRow("b", "d", 2)])
    }
    for number in [1, 3] {
      try fixture.store.requeue(
        StoreFixture.id(number), toResume: false, reason: "-", at: StoreFixture.time(9))
    }
    return fixture
  }

  private func vacuum(_ fixture: StoreFixture) throws {
    let other = try DatabaseQueue(path: fixture.path)
    try other.vacuum()
    try other.close()
  }

  private static let all = "SELECT task_id, song, date, plays FROM plays ORDER BY 1, 2, 3"

  @Test func `after somebody's VACUUM the view refuses to answer until the ranges are mended`()
    throws
  {
    let fixture = try fixtureWithGaps()
    let before = try fixture.sql(Self.all)
    #expect(before.count == 4)
    try vacuum(fixture)
    #expect {
      _ = try fixture.sql(Self.all)
    } throws: { error in
      "\(error)".contains("start watchd, it mends that")
    }
    // Any write mends them, before it does what it is for.
    try fixture.done(5, [PlayRow("c", "d", 3)])
    #expect(try fixture.sql(Self.all).prefix(4).elementsEqual(before))
    #expect(try fixture.sql(Self.all).count == 5)
  }

  @Test func `a start mends the ranges, and rows can be taken out by them`() throws {
    var fixture = try fixtureWithGaps()
    let before = try fixture.sql(Self.all)
    let running = try fixture.started(5)
    try fixture.append([PlayRow("r", "d", 4), PlayRow("s", "d", 4)], to: running)
    try fixture.done(6, [PlayRow("z", "d", 5)])
    try vacuum(fixture)
    try fixture.reopen()
    #expect(try fixture.count("play_rows") == 7)
    try fixture.store.requeue(running, toResume: false, reason: "-", at: StoreFixture.time(9))
    #expect(try fixture.count("play_rows") == 5)
    #expect(try fixture.sql(Self.all).prefix(4).elementsEqual(before))
    #expect(try fixture.plays().last == PlayRow("z", "d", 5))
  }

  @Test func `rows that belong to no batch are told of, and nothing is written`() throws {
    let fixture = try fixtureWithGaps()
    let other = try DatabaseQueue(path: fixture.path)
    try other.write { database in
      try database.execute(sql: "INSERT INTO play_rows VALUES (1, 'x', 'd', 1)")
    }
    try other.close()
    #expect {
      try fixture.done(5, [PlayRow("c", "d", 3)])
    } throws: { error in
      if case StoreError.corrupt = error { "\(error)".contains("play_rows") } else { false }
    }
  }

  @Test func `a database of version 2 keeps its rows, and their ids`() throws {
    let directory = try TemporaryDirectory()
    let queue = try DatabaseQueue(path: directory.path(of: "watchd.db"))
    try Schema.migrator.migrate(queue, upTo: "v2")
    try queue.write { database in
      try database.execute(
        sql: """
          INSERT INTO manifest (id, task_id, name, raw_name, status, size_bytes, queued_at)
          VALUES (1, 't', 'n', x'6e', 'done', 1, 'q');
          INSERT INTO play_rows (id, task, song, date, plays)
          VALUES (5, 1, 'a', 'd', 1), (6, 1, 'b', 'd', 2), (9, 1, 'c', 'd', 3);
          INSERT INTO batches (task, number, run, first_row, last_row, bytes_read, rows_read, rows_rejected)
          VALUES (1, 1, 1, 5, 6, 1, 1, 0), (1, 2, 2, 9, 9, 2, 2, 0);
          """)
    }
    try queue.close()
    let store = try TaskStore.open(directory: directory.path)
    let rows = try store.pool.read { database in
      try Row.fetchAll(database, sql: "SELECT rowid, song FROM play_rows").map {
        "\($0[0] as Int64) \($0[1] as String)"
      }
    }
    #expect(rows == ["5 a", "6 b", "9 c"])
    let seen = try store.pool.read { try Int.fetchAll($0, sql: "SELECT plays FROM plays") }
    #expect(seen == [1, 2, 3])
  }
}
