import Foundation
import GRDB
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

@Suite struct OpeningTests {
  @Test func `commits are synced after open and after reopen`() throws {
    var fixture = try StoreFixture()
    for _ in 1...2 {
      let pragmas = try fixture.store.pragmas()
      #expect(pragmas["synchronous"] == "2")
      #expect(pragmas["journal_mode"] == "wal")
      #expect(pragmas["foreign_keys"] == "1")
      #expect(pragmas["secure_delete"] == "0")
      #expect(pragmas["busy_timeout"] == "5000")
      #expect(pragmas["journal_size_limit"] == "67108864")
      #expect(pragmas["page_size"] == "4096")
      #expect(pragmas["trusted_schema"] == "0")
      #expect(pragmas["user_version"] == "9")
      #expect(pragmas["auto_vacuum"] == "2")
      #expect(pragmas["application_id"] == String(Schema.applicationID))
      try fixture.reopen()
    }
  }

  @Test func `commits stay synced after writes`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1, [PlayRow("a", "d", 1)])
    #expect(try fixture.store.pragmas()["synchronous"] == "2")
  }

  @Test func `settings that a promise rests on are refused when they do not hold`() throws {
    let fixture = try StoreFixture()
    try fixture.store.pool.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
      #expect(
        throws: StoreError.unsafeSetting(path: fixture.path, name: "synchronous", value: "1")
      ) {
        try ConnectionSettings.assertSafe(database, path: fixture.path)
      }
    }
  }

  @Test func `each batch of a database of version 1 is a run of its own afterwards`() throws {
    let directory = try TemporaryDirectory()
    let queue = try DatabaseQueue(path: directory.path(of: "watchd.db"))
    try Schema.migrator.migrate(queue, upTo: "v1")
    try queue.write { database in
      try database.execute(
        sql: """
          INSERT INTO manifest (task_id, name, raw_name, status, size_bytes, queued_at)
          VALUES ('t', 'n', x'6e', 'queued', 1, 'q');
          INSERT INTO batches (task, number, bytes_read, rows_read, rows_rejected)
          VALUES (1, 1, 1, 1, 0), (1, 2, 2, 2, 0);
          """)
    }
    try queue.close()
    let store = try TaskStore.open(directory: directory.path)
    let runs = try store.pool.read {
      try Int.fetchAll($0, sql: "SELECT run FROM batches ORDER BY number")
    }
    #expect(runs == [1, 2])
    #expect(try store.pragmas()["user_version"] == "9")
  }

  @Test func `a database of a newer version is refused and left as it is`() throws {
    let fixture = try StoreFixture()
    try fixture.store.pool.write { database in
      try database.execute(sql: "PRAGMA user_version = 10")
    }
    try fixture.store.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
    let expected = StoreError.newerSchema(path: fixture.path, found: 10, known: 9)
    #expect(throws: expected) { try TaskStore.open(directory: fixture.directory.path) }
    #expect(throws: expected) { try TaskReader.open(directory: fixture.directory.path) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path)) == before)
    #expect(expected.description.contains("newer watchd"))
  }

  @Test(arguments: [
    "Song,Date,Number of Plays\nHey Jude,2024-01-01,3\n",
    String(repeating: "SQLite format 3 is what this is not. ", count: 500),
  ])
  func `a file that is not a database is refused and left as it is`(content: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "watchd.db")
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: StoreError.notADatabase(path: path)) {
      try TaskStore.open(directory: directory.path)
    }
    #expect(throws: StoreError.notADatabase(path: path)) {
      try TaskReader.open(directory: directory.path)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(content.utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["watchd.db"])
  }

  @Test func `another program's database is refused and left as it is`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "watchd.db")
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in try database.execute(sql: "CREATE TABLE manifest (a)") }
    try queue.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(throws: StoreError.notADatabase(path: path)) {
      try TaskStore.open(directory: directory.path)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  /// A database is born in rollback mode, and a kill before it is in WAL mode leaves a journal that whoever
  /// opens it has to roll back: more than a read-only look can do.
  @Test func `a kill while the database was made is no obstacle`() throws {
    let (killed, found) = (try TemporaryDirectory(), try TemporaryDirectory())
    let queue = try DatabaseQueue(path: killed.path(of: "watchd.db"))
    try queue.writeWithoutTransaction { database in
      // A cache of one page, so that pages are in the file before the commit.
      try database.execute(
        sql: """
          PRAGMA cache_size = 1;
          BEGIN;
          CREATE TABLE half (content BLOB);
          INSERT INTO half VALUES (zeroblob(40000));
          INSERT INTO half VALUES (zeroblob(40000));
          """)
      for name in ["watchd.db", "watchd.db-journal"] {
        try FileManager.default.copyItem(
          atPath: killed.path(of: name), toPath: found.path(of: name))
      }
      try database.execute(sql: "ROLLBACK")
    }
    let store = try TaskStore.open(directory: found.path)
    #expect(try store.counts().isEmpty)
  }

  @Test func `an empty file becomes a database`() throws {
    let directory = try TemporaryDirectory()
    try Data().write(to: URL(fileURLWithPath: directory.path(of: "watchd.db")))
    let store = try TaskStore.open(directory: directory.path)
    #expect(try store.counts().isEmpty)
  }

  @Test func `a creation that was cut short is taken up again`() throws {
    let directory = try TemporaryDirectory()
    let queue = try DatabaseQueue(path: directory.path(of: "watchd.db"))
    try queue.write { database in
      try database.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT PRIMARY KEY)")
    }
    try queue.close()
    let store = try TaskStore.open(directory: directory.path)
    #expect(try store.counts().isEmpty)
  }

  @Test func `a folder that is not there is an error that names the file`() {
    #expect {
      try TaskStore.open(directory: "/nonexistent/watchd")
    } throws: { error in
      "\(error)".contains("/nonexistent/watchd/watchd.db")
    }
  }

  @Test func `all tables of ours are STRICT`() throws {
    let fixture = try StoreFixture()
    let loose = try fixture.sql(
      """
      SELECT name FROM pragma_table_list
      WHERE schema = 'main' AND type = 'table' AND NOT strict
        AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'grdb%'
      """)
    #expect(loose.isEmpty)
  }

  @Test func `the manifest begins with its public columns in their order`() throws {
    let fixture = try StoreFixture()
    let columns = try fixture.sql("SELECT name FROM pragma_table_info('manifest') ORDER BY cid")
    #expect(
      columns.prefix(19).map { row in row["name"] as String } == [
        "task_id", "name", "status", "phase", "size_bytes", "bytes_read", "sha256", "rows_read",
        "rows_rejected", "groups", "plays_sum", "result_name", "error_code", "error", "attempts",
        "duplicate_of", "queued_at", "started_at", "finished_at",
      ])
  }

  @Test func `a closed store says so and keeps what it had`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.added(1)
    try fixture.store.close()
    #expect(throws: StoreError.self) { try fixture.store.start(task, at: StoreFixture.time(1)) }
    let log = try FileManager.default.attributesOfItem(atPath: fixture.path + "-wal")
    #expect(log[.size] as? Int == 0)
    let store = try TaskStore.open(directory: fixture.directory.path)
    #expect(try store.task(task)?.record.status == .queued)
  }
}
