import TaskModel
import Testing

@testable import TaskStore

@Suite struct DuplicateTests {
  static let sha256 = String(repeating: "ab", count: 32)
  static let rows = [PlayRow("a", "d", 1), PlayRow("b", "d", 2)]

  @Test func `the same bytes again are a duplicate and count once`() throws {
    let fixture = try StoreFixture()
    let first = try fixture.done(1, Self.rows, sha256: Self.sha256)
    let second = try fixture.started(2)
    try fixture.append(Self.rows, to: second)
    let outcome = try fixture.ingested(Self.rows, by: second, sha256: Self.sha256)
    #expect(outcome == .duplicate(of: first))
    #expect(try fixture.plays() == Self.rows)
    try fixture.finish(second, as: .duplicate)
    #expect(try fixture.plays() == Self.rows)
    #expect(try fixture.count("play_rows") == 2)
    #expect(try fixture.count("batches") == 1)
    let record = try #require(try fixture.store.task(second)).record
    #expect(record.status == .duplicate)
    #expect(record.duplicateOf == first)
    #expect(record.playsSum == 3)
  }

  @Test func `the same bytes are loaded again where that is wanted`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1, Self.rows, sha256: Self.sha256)
    let second = try fixture.started(2)
    let outcome = try fixture.ingested(
      Self.rows, by: second, sha256: Self.sha256, onDuplicate: .load)
    #expect(outcome == .loaded)
    try fixture.finish(second)
    #expect(try fixture.plays().count == 4)
  }

  @Test func `nothing is decided while the other task may still fail`() throws {
    let fixture = try StoreFixture()
    let first = try fixture.started(1)
    _ = try fixture.ingested(Self.rows, by: first, sha256: Self.sha256)
    let second = try fixture.started(2)
    try fixture.append([PlayRow("early", "d", 9)], to: second)
    let before = try #require(try fixture.store.task(second))
    #expect(
      try fixture.ingested(Self.rows, by: second, sha256: Self.sha256)
        == .undecided(until: first))
    #expect(try fixture.store.task(second) == before)
    try fixture.fail(first)
    #expect(try fixture.ingested(Self.rows, by: second, sha256: Self.sha256) == .loaded)
    try fixture.finish(second)
    #expect(try fixture.plays().count == 3)
  }

  @Test func `a failed task does not block the same bytes`() throws {
    let fixture = try StoreFixture()
    let first = try fixture.started(1)
    _ = try fixture.ingested(Self.rows, by: first, sha256: Self.sha256)
    try fixture.fail(first)
    let second = try fixture.started(2)
    #expect(try fixture.ingested(Self.rows, by: second, sha256: Self.sha256) == .loaded)
  }

  @Test func `a duplicate cannot end as done nor the other way round`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1, Self.rows, sha256: Self.sha256)
    let second = try fixture.started(2)
    _ = try fixture.ingested(Self.rows, by: second, sha256: Self.sha256)
    #expect(throws: StoreError.self) { try fixture.finish(second, as: .done) }
    let third = try fixture.started(3)
    _ = try fixture.ingested(Self.rows, by: third)
    #expect(throws: StoreError.self) { try fixture.finish(third, as: .duplicate) }
  }

  @Test func `a task that starts over takes its own content again`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    _ = try fixture.ingested(Self.rows, by: task, sha256: Self.sha256)
    try fixture.store.requeue(task, reason: "a test", at: StoreFixture.time(2))
    try fixture.store.start(task, at: StoreFixture.time(3))
    #expect(try fixture.ingested(Self.rows, by: task, sha256: Self.sha256) == .loaded)
    try fixture.finish(task)
    #expect(try fixture.plays() == Self.rows)
  }
}
