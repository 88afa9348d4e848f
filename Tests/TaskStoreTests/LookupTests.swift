import GRDB
import TaskModel
import Testing

@testable import TaskStore

@Suite struct LookupTests {
  @Test func `a task is found by its id a unique prefix and its file name`() throws {
    let fixture = try StoreFixture()
    let one = try fixture.added(1, name: "a.csv")
    let far = StoreFixture.id(900_000_000)
    let name = try #require(FileName("b.csv"))
    try fixture.store.add(
      [NewTask(taskID: far, rawName: name, sizeBytes: 1)], at: StoreFixture.time(2))
    #expect(try fixture.store.task(matching: one.description)?.record.taskID == one)
    #expect(try fixture.store.task(matching: "a.csv")?.record.taskID == one)
    #expect(try fixture.store.task(matching: String("\(far)".prefix(13)))?.record.taskID == far)
    #expect(try fixture.store.task(matching: "c.csv") == nil)
    #expect(try fixture.store.task(matching: "018") == nil)
    #expect(try fixture.store.task(matching: "ffff") == nil)
    #expect(try fixture.store.task(matching: "") == nil)
    #expect(try fixture.store.task(StoreFixture.id(3)) == nil)
  }

  @Test func `a prefix of several tasks is refused with some of them`() throws {
    let fixture = try StoreFixture()
    let tasks = try (1...7).map { try fixture.added($0) }
    let prefix = String("\(tasks[0])".prefix(8))
    let error = StoreError.ambiguous(prefix: prefix, candidates: Array(tasks.prefix(5)))
    #expect(throws: error) { try fixture.store.task(matching: prefix) }
    #expect(error.description.contains(tasks[0].description))
  }

  @Test func `a file name means its latest task`() throws {
    let fixture = try StoreFixture()
    try fixture.added(1, name: "same.csv")
    let latest = try fixture.added(2, name: "same.csv")
    try fixture.added(3, name: "other.csv")
    #expect(try fixture.store.task(matching: "same.csv")?.record.taskID == latest)
  }

  @Test func `names that differ in composition are two names`() throws {
    let fixture = try StoreFixture()
    let one = try fixture.added(1, name: "caf\u{E9}.csv")
    let two = try fixture.added(2, name: "cafe\u{301}.csv")
    #expect(try fixture.store.task(matching: "caf\u{E9}.csv")?.record.taskID == one)
    #expect(try fixture.store.task(matching: "cafe\u{301}.csv")?.record.taskID == two)
  }

  @Test func `tasks are listed from the newest and filtered`() throws {
    let fixture = try StoreFixture()
    let tasks = try (1...5).map { try fixture.added($0) }
    try fixture.store.start(tasks[3], at: StoreFixture.time(9))
    try fixture.fail(tasks[3])
    let store = fixture.store
    #expect(try store.tasks().map(\.taskID) == tasks.reversed())
    #expect(try store.tasks(.init(limit: 2)).map(\.taskID) == [tasks[4], tasks[3]])
    #expect(try store.tasks(.init(limit: 0)).isEmpty)
    #expect(try store.tasks(.init(status: .failed)).map(\.taskID) == [tasks[3]])
    #expect(
      try store.tasks(.init(since: StoreFixture.time(4))).map(\.taskID) == [tasks[4], tasks[3]])
    #expect(try store.tasks(.init(status: .done)).isEmpty)
    #expect(try store.counts() == [.queued: 4, .failed: 1])
    #expect(
      try store.unfinished().map(\.record.taskID) == [tasks[0], tasks[1], tasks[2], tasks[4]])
  }

  @Test(arguments: [
    "SELECT * FROM manifest WHERE status IN ('queued', 'running') ORDER BY task_id",
    "SELECT * FROM manifest WHERE status = 'failed' ORDER BY task_id DESC LIMIT 5",
    "SELECT status, count(*) FROM manifest GROUP BY status",
  ])
  func `questions by status are answered from an index`(sql: String) throws {
    let fixture = try StoreFixture()
    let plan = try fixture.sql("EXPLAIN QUERY PLAN \(sql)").map { row in row["detail"] as String }
    #expect(plan.first?.contains("INDEX manifest_status") == true, "\(plan)")
  }

  /// With a million tasks that wait, their rows are some hundred megabytes.
  @Test func `which tasks are unfinished is answered from the index alone, without a row`() throws {
    let fixture = try StoreFixture()
    let tasks = try (1...4).map { try fixture.added($0) }
    try fixture.store.start(tasks[1], at: StoreFixture.time(5))
    try fixture.store.start(tasks[2], at: StoreFixture.time(5))
    try fixture.fail(tasks[2])
    #expect(try fixture.store.unfinishedIDs() == [tasks[0], tasks[1], tasks[3]])
    let plan = try fixture.sql("EXPLAIN QUERY PLAN \(TaskQueries.unfinishedIDs)")
      .map { row in row["detail"] as String }
    #expect(plan == ["SEARCH manifest USING COVERING INDEX manifest_status (status=?)"])
  }

  @Test func `a value that no task can have is reported as damage`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.added(1)
    try fixture.store.pool.write { database in
      try database.execute(sql: "UPDATE manifest SET queued_at = 'yesterday'")
    }
    #expect(
      throws: StoreError.corrupt(
        path: fixture.path, detail: "manifest.queued_at holds \"yesterday\"")
    ) { try fixture.store.task(task) }
  }
}
