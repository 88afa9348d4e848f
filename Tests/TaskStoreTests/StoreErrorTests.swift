import GRDB
import TaskModel
import Testing

@testable import TaskStore

@Suite struct StoreErrorTests {
  static let task = StoreFixture.id(1)
  static let all: [StoreError] = [
    .full(path: "/s/watchd.db"),
    .busy(path: "/s/watchd.db"),
    .corrupt(path: "/s/watchd.db", detail: "page 7"),
    .notADatabase(path: "/s/watchd.db"),
    .moved(path: "/s/watchd.db"),
    .logMoved(path: "/s/watchd.db-wal"),
    .newerSchema(path: "/s/watchd.db", found: 2, known: 1),
    .missing(path: "/s/watchd.db"),
    .unsafeSetting(path: "/s/watchd.db", name: "synchronous", value: "1"),
    .unknownTask(task),
    .ambiguous(prefix: "018b\u{1B}", candidates: [task]),
    .illegalTransition(task, from: .running, phase: .publishing, attempted: "started"),
    .other(code: 10, message: "disk I/O error", operation: "start", path: "/s/watchd.db"),
    .other(code: 1, message: "a\u{1B}[2J", operation: "start", path: "/s/watchd.db"),
  ]

  @Test func `every error is one sentence without control characters that names its object`() {
    for error in Self.all {
      let text = error.description
      #expect(text == text.escapedForTerminal)
      #expect(
        text.contains("/s/watchd.db") || text.contains(Self.task.description), "\(text)")
      #expect(text.contains(":"), "a colon parts what happened from what to do: \(text)")
    }
  }

  @Test(arguments: [
    (ResultCode.SQLITE_FULL, StoreError.full(path: "p")),
    (.SQLITE_BUSY, .busy(path: "p")),
    (.SQLITE_BUSY_SNAPSHOT, .busy(path: "p")),
    (.SQLITE_CORRUPT, .corrupt(path: "p", detail: "why")),
    (.SQLITE_NOTADB, .notADatabase(path: "p")),
    (
      .SQLITE_IOERR_FSYNC,
      .other(code: 1034, message: "why", operation: "write", path: "p")
    ),
  ])
  func `SQLite's codes become our cases`(code: ResultCode, expected: StoreError) {
    let error = DatabaseError(resultCode: code, message: "why")
    #expect(StoreError(error, doing: "write", path: "p") == expected)
  }

  @Test func `a foreign writer that does not let go is reported as busy`() throws {
    let fixture = try StoreFixture()
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let foreign = try DatabaseQueue(path: fixture.path, configuration: configuration)
    try fixture.store.pool.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA busy_timeout = 0")
    }
    try foreign.inDatabase { database in
      try database.execute(sql: "BEGIN IMMEDIATE")
      #expect(throws: StoreError.busy(path: fixture.path)) { try fixture.added(1) }
      try database.execute(sql: "ROLLBACK")
    }
    try fixture.added(1)
  }

  @Test func `a database that may not grow is full and goes on when it may`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    func bound(_ pages: String) throws {
      try fixture.store.pool.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA max_page_count = \(pages)")
      }
    }
    let rows = (0..<5000).map { PlayRow("song \($0)", "2024-01-01", 1) }
    try bound("30")
    #expect(throws: StoreError.full(path: fixture.path)) { try fixture.append(rows, to: task) }
    #expect(try fixture.count("play_rows") == 0)
    #expect(try fixture.store.task(task)?.record.rowsRead == 0)
    try bound("1073741823")
    try fixture.append(rows, to: task)
    #expect(try fixture.count("play_rows") == 5000)
  }
}
