import GRDB
import TaskModel
import Testing

@testable import TaskStore

/// Counts the rows that each commit takes out of `play_rows`.
private final class Witness: TransactionObserver {
  private(set) var removed: [Int] = []
  private var current = 0

  init(_ fixture: StoreFixture) {
    fixture.store.pool.add(transactionObserver: self)
  }

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool {
    if case .delete(tableName: "play_rows") = eventKind { true } else { false }
  }

  func databaseDidChange(with event: DatabaseEvent) { current += 1 }

  func databaseDidCommit(_ db: Database) {
    if current > 0 { removed.append(current) }
    current = 0
  }

  func databaseDidRollback(_ db: Database) { current = 0 }
}

@Suite struct LargeUndoTests {
  static let chunk = StoreTransaction.rowsPerChunk

  /// Adds 120,000 rows to a running task in batches of which none ends where a chunk does.
  private static func fill(_ task: TaskID, in fixture: StoreFixture) throws {
    for batch in [0, 30_000, 70_000, 20_000] {
      try fixture.append((0..<batch).map { PlayRow("song \($0)", "2024-01-01", 1) }, to: task)
    }
  }

  private static func expectNothingLeft(of task: TaskID, in fixture: StoreFixture) throws {
    let id = try #require(try fixture.store.task(task)).id
    for table in ["play_rows", "batches", "fingerprints"] {
      let rows = try fixture.sql("SELECT count(*) AS n FROM \(table) WHERE task = ?", [id])
      #expect(rows.first?["n"] == 0, "\(table)")
    }
  }

  enum Ending: CaseIterable, Sendable { case requeue, fail, duplicate }

  @Test(arguments: Ending.allCases)
  func `the rows of a large task go a bounded number a transaction`(ending: Ending) throws {
    let fixture = try StoreFixture()
    let first = try fixture.done(7, [PlayRow("other", "d", 1)], sha256: "same")
    let task = try fixture.started(1)
    try Self.fill(task, in: fixture)
    if ending == .duplicate {
      #expect(try fixture.ingested([], by: task, sha256: "same") == .duplicate(of: first))
    }
    let witness = Witness(fixture)
    switch ending {
    case .requeue: try fixture.store.requeue(task, reason: "a test", at: StoreFixture.time(3))
    case .fail: try fixture.fail(task)
    case .duplicate: try fixture.finish(task, as: .duplicate)
    }
    #expect(witness.removed.reduce(0, +) == 120_000)
    #expect(witness.removed.allSatisfy { rows in rows <= 50_000 }, "\(witness.removed)")
    try Self.expectNothingLeft(of: task, in: fixture)
    #expect(try fixture.plays() == [PlayRow("other", "d", 1)])
  }

  @Test(arguments: [false, true])
  func `what was cut short between two chunks is undone by the next attempt to`(
    publishing: Bool
  ) throws {
    var fixture = try StoreFixture()
    let task = try fixture.started(1)
    try Self.fill(task, in: fixture)
    if publishing { _ = try fixture.ingested([PlayRow("last", "d", 1)], by: task) }
    let before = try fixture.count("play_rows")
    let isUndone = try fixture.store.write("be cut short") { transaction in
      try transaction.requeue(
        task, toResume: true, sizeBytes: nil, reason: "a test", at: StoreFixture.time(2))
    }
    #expect(!isUndone)
    try fixture.reopen()
    #expect(try fixture.count("play_rows") == before - Self.chunk)
    #expect(try fixture.count("fingerprints") == (publishing ? 1 : 0))
    #expect(try fixture.store.unfinished().map(\.record.status) == [.running])
    // The ids of the rows that are gone belong to another task now.
    try fixture.done(2, [PlayRow("kept", "d", 2)])

    try fixture.store.requeue(task, reason: "a test", at: StoreFixture.time(3))
    try Self.expectNothingLeft(of: task, in: fixture)
    #expect(try fixture.plays() == [PlayRow("kept", "d", 2)])
    try fixture.store.start(task, at: StoreFixture.time(4))
    _ = try fixture.ingested([PlayRow("again", "d", 3)], by: task)
    try fixture.finish(task)
    #expect(try fixture.plays() == [PlayRow("again", "d", 3), PlayRow("kept", "d", 2)])
  }

  @Test(arguments: [Step.progress, .append, .finishIngest, .finish])
  func `a task of which some rows are gone can only be undone`(step: Step) throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    try Self.fill(task, in: fixture)
    if step == .finish { _ = try fixture.ingested([], by: task) }
    _ = try fixture.store.write("be cut short") { transaction in
      try transaction.undoChunk(of: try transaction.task(task).id)
    }
    #expect(throws: StoreError.self) { try step.run(task, in: fixture) }
    #expect(try fixture.plays().isEmpty)
    try fixture.fail(task)
    try Self.expectNothingLeft(of: task, in: fixture)
  }

  @Test func `the leftovers of a duplicate are removed at the next start`() throws {
    var fixture = try StoreFixture()
    let rows = [PlayRow("a", "d", 1), PlayRow("b", "d", 2)]
    let first = try fixture.done(7, rows, sha256: "same")
    let task = try fixture.started(1)
    try Self.fill(task, in: fixture)
    _ = try fixture.ingested([], by: task, sha256: "same")
    let running = try fixture.started(2)
    try fixture.append([PlayRow("running", "d", 1)], to: running)
    // The commit of `finish`, and one chunk; then the daemon is killed.
    let name = try #require(FileName("plays.csv"))
    try fixture.store.write("end") { transaction in
      try transaction.finish(
        task, as: .duplicate, resultName: name, resultBytes: 1, resultSHA256: "",
        at: StoreFixture.time(3))
      let isLast = try transaction.removeChunk(of: try transaction.task(task).id)
      #expect(!isLast)
    }
    try fixture.reopen()
    #expect(try fixture.plays() == rows)
    let record = try fixture.store.task(task)?.record
    #expect(record?.duplicateOf == first)

    let witness = Witness(fixture)
    try fixture.store.removeLeftovers()
    #expect(witness.removed == [Self.chunk, 120_000 - 2 * Self.chunk])
    #expect(try fixture.store.task(task)?.record == record)
    #expect(try fixture.plays() == rows)
    #expect(try fixture.count("play_rows") == 3, "those of the done and of the running task")
    #expect(try fixture.count("batches") == 2)
    #expect(try fixture.count("fingerprints") == 1)
  }

  @Test func `a great many batches without rows go in bounded transactions as well`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    let id = try #require(try fixture.store.task(task)).id
    try fixture.store.pool.write { database in
      try database.execute(
        sql: """
          WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ?)
          INSERT INTO batches (task, number, bytes_read, rows_read, rows_rejected)
          SELECT ?, n, 0, 0, 0 FROM numbers
          """,
        arguments: [Self.chunk + 1, id])
    }
    let isUndone = try fixture.store.write("undo a chunk") { transaction in
      try transaction.undoChunk(of: id)
    }
    #expect(!isUndone)
    #expect(try fixture.count("batches") == 1)
  }

  @Test
  func `a large task is cancelled by one commit, and its rows go after it, until it is stopped`()
    throws
  {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    try Self.fill(task, in: fixture)
    let witness = Witness(fixture)
    try fixture.store.cancel(task, at: StoreFixture.time(9))
    #expect(witness.removed == [])
    let cancelled = try #require(try fixture.store.task(task)).record
    #expect(cancelled.status == .cancelled)
    // Nothing of the attempt is told of as if it counted.
    #expect(cancelled.rowsRead == 0 && cancelled.bytesRead == 0)
    #expect(try fixture.sql("SELECT count(*) AS n FROM plays").first?["n"] == 0)
    var chunks = 0
    let step = { chunks += 1 }
    try fixture.store.removeLeftovers(of: task, unless: { chunks == 1 }, afterEach: step)
    #expect(witness.removed == [Self.chunk])
    // What is left, the next start takes out.
    try fixture.store.removeLeftovers()
    #expect(witness.removed.reduce(0, +) == 120_000)
    try Self.expectNothingLeft(of: task, in: fixture)
  }
}
