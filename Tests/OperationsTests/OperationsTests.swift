import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Operations

struct OperationsTests {
  @Test func `a task is found by its id, by a unique prefix and by its name`() throws {
    let fixture = try StoreFixture()
    let (first, second) = (try fixture.done(1, name: "a.csv"), try fixture.queued(2, name: "b.csv"))
    for text in ["\(first)", "01900001", "a.csv"] {
      #expect(try fixture.operations.task(matching: text).record.taskID == first)
    }
    for text in ["\(second)", "01900002-0000", "b.csv"] {
      #expect(try fixture.operations.task(matching: text).record.taskID == second)
    }
  }

  @Test func `a name means its latest task`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1)
    let latest = try fixture.failed(2)
    #expect(try fixture.operations.task(matching: "plays.csv").record.taskID == latest)
  }

  @Test func `a prefix of several ids is refused, and they are named`() throws {
    let fixture = try StoreFixture()
    let ids = try [fixture.queued(1, name: "a.csv"), fixture.queued(2, name: "b.csv")]
    let error = #expect(throws: OperationError.self) {
      try fixture.operations.task(matching: "0190000")
    }
    let sentence = try #require(error).description
    #expect(ids.allSatisfy { sentence.contains($0.description) }, "\(sentence)")
  }

  @Test(arguments: ["nobody.csv", "01900009", "019", "", "00000000-0000-7000-8000-000000000000"])
  func `an unknown task is an error that says where to look`(text: String) throws {
    let fixture = try StoreFixture()
    try fixture.queued(1)
    let error = #expect(throws: OperationError.self) {
      try fixture.operations.task(matching: text)
    }
    #expect(error?.description.contains("\"\(text)\"; watchctl status lists") == true)
  }

  @Test func `a task comes with its events and its rejected records`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1)
    let detail = try fixture.operations.task(matching: "plays.csv")
    #expect(detail.events.map(\.kind) == ["queued", "started", "ingested", "done"])
    #expect(detail.rejects == [StoreFixture.reject])
  }

  @Test func `a listing is the newest first, and can be filtered`() throws {
    let fixture = try StoreFixture()
    let ids = try [fixture.queued(1), fixture.failed(2), fixture.done(3), fixture.failed(4)]
    let operations = fixture.operations
    #expect(try operations.tasks(.init()).map(\.taskID) == ids.reversed())
    #expect(try operations.tasks(.init(status: .failed)).map(\.taskID) == [ids[3], ids[1]])
    #expect(try operations.tasks(.init(limit: 2)).map(\.taskID) == [ids[3], ids[2]])
    #expect(
      try operations.tasks(.init(since: StoreFixture.time(3))).map(\.taskID) == [ids[3], ids[2]])
    #expect(
      try operations.tasks(.init(status: .failed, since: StoreFixture.time(2), limit: 1))
        .map(\.taskID) == [ids[3]])
  }

  @Test func `tasks are counted by status`() throws {
    let fixture = try StoreFixture()
    try fixture.queued(1)
    try fixture.failed(2)
    try fixture.failed(3)
    #expect(try fixture.operations.counts() == [.queued: 1, .failed: 2])
  }

  @Test func `a reader in another process gives the same answers`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1)
    let reader = try TaskReader.open(directory: fixture.directory.path)
    let task = try Operations(reader).task(matching: "plays.csv").record
    #expect(try task == fixture.operations.task(matching: "plays.csv").record)
    try reader.close()
  }
}
