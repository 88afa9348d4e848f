import GRDB
import TaskModel
import Testing

@testable import TaskStore

/// Rows that a kill left behind are found again without the history being read.
@Suite struct LeftoverTests {
  private static let rows = [PlayRow("a", "d", 1), PlayRow("b", "d", 2)]

  @Test
  func `a start looks at what is marked, and neither at the batches nor through the manifest`()
    throws
  {
    let fixture = try StoreFixture()
    let plan = try fixture.sql("EXPLAIN QUERY PLAN \(TaskStore.tasksWithLeftovers)")
      .map { $0["detail"] as String }
    #expect(plan == ["SCAN leftovers", "SEARCH manifest USING INTEGER PRIMARY KEY (rowid=?)"])
  }

  @Test
  func `what is cancelled in the middle is marked until its rows are gone, also by the next start`()
    throws
  {
    var fixture = try StoreFixture()
    let kept = try fixture.done(1, [PlayRow("k", "d", 1)])
    let task = try fixture.started(2)
    try fixture.append(Self.rows, to: task)
    #expect(try fixture.count("leftovers") == 0)
    try fixture.store.cancel(task, at: StoreFixture.time(3))
    #expect(try fixture.count("leftovers") == 1)
    try fixture.reopen()
    try fixture.store.removeLeftovers()
    #expect(try fixture.count("leftovers") == 0)
    #expect(try fixture.count("play_rows") == 1)
    #expect(try fixture.store.task(kept)?.record.status == .done)
  }

  @Test func `a forgotten task is marked; one that is done, failed or a duplicate is not`() throws {
    let fixture = try StoreFixture()
    let digest = String(repeating: "a", count: 64)
    let done = try fixture.done(1, Self.rows, sha256: digest)
    let failed = try fixture.started(2)
    try fixture.append(Self.rows, to: failed)
    try fixture.fail(failed)
    let again = try fixture.started(3)
    _ = try fixture.ingested(Self.rows, by: again, sha256: digest)
    try fixture.finish(again, as: .duplicate)
    #expect(try fixture.count("leftovers") == 0)
    try fixture.store.forget(done, at: StoreFixture.time(4))
    #expect(try fixture.count("leftovers") == 1)
    try fixture.store.removeLeftovers()
    #expect(try fixture.count("play_rows") == 0)
    #expect(try fixture.count("leftovers") == 0)
  }

  @Test func `a task that is tried again before its rows are gone loses none that it loads then`()
    throws
  {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    try fixture.append(Self.rows, to: task)
    try fixture.store.cancel(task, at: StoreFixture.time(2))
    try fixture.store.requeue(task, reason: "a person asked for it", at: StoreFixture.time(3))
    try fixture.store.start(task, at: StoreFixture.time(4))
    _ = try fixture.ingested(Self.rows, by: task)
    try fixture.finish(task)
    try fixture.store.removeLeftovers()
    #expect(try fixture.plays() == Self.rows)
  }
}
