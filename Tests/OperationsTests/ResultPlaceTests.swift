import TaskModel
import TaskStore
import Testing

@testable import Operations

struct ResultPlaceTests {
  private func fixture() throws -> StoreFixture {
    let fixture = try StoreFixture()
    try fixture.store.setPlaces([.inbox: "/srv/inbox", .outbox: "/srv/outbox"])
    return fixture
  }

  @Test func `the result of a done task lies in the outbox, under the published name`() throws {
    let fixture = try fixture()
    let id = try fixture.done(1)
    let place = try fixture.operations.result(of: "plays.csv")
    #expect(place.task.taskID == id)
    #expect(place.directory == "/srv/outbox")
    #expect(place.name.text == "plays.csv")
    #expect(place.sha256 == String(repeating: "b", count: 64))
  }

  @Test func `a duplicate has a result of its own`() throws {
    let fixture = try fixture()
    try fixture.done(1, name: "first.csv")
    try fixture.done(2, name: "again.csv")
    let place = try fixture.operations.result(of: "again.csv")
    #expect(place.task.status == .duplicate)
    #expect(place.name.text == "again.csv")
  }

  @Test func `a failed task has none, and its error says why it failed`() throws {
    let fixture = try fixture()
    try fixture.failed(1)
    let error = #expect(throws: OperationError.self) {
      try fixture.operations.result(of: "plays.csv")
    }
    #expect(error?.description == "plays.csv has no result: it is failed. The header is none.")
  }

  @Test func `a queued task has none yet`() throws {
    let fixture = try fixture()
    try fixture.queued(1)
    let error = #expect(throws: OperationError.self) {
      try fixture.operations.result(of: "plays.csv")
    }
    #expect(
      error?.description == "plays.csv has no result: it is queued; ask again when it is done")
  }

  @Test func `a running task has none yet, even when its name is reserved`() throws {
    let fixture = try fixture()
    let id = try fixture.queued(1)
    try fixture.store.start(id, at: StoreFixture.time(1))
    try fixture.store.reserveOutputNumber(
      id, 1, resultName: FileName("plays.csv"), rejectsSHA256: nil)
    let error = #expect(throws: OperationError.self) {
      try fixture.operations.result(of: "plays.csv")
    }
    #expect(error?.description.contains("it is running; ask again") == true)
  }

  @Test func `an unknown task has none`() throws {
    let fixture = try fixture()
    let error = #expect(throws: OperationError.self) {
      try fixture.operations.result(of: "nobody.csv")
    }
    guard case .unknownTask("nobody.csv") = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
  }

  @Test func `where no daemon has said where the outbox is, that is the answer`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1)
    let error = #expect(throws: OperationError.self) {
      try fixture.operations.result(of: "plays.csv")
    }
    #expect(error?.description.contains("does not say where the outbox is") == true)
  }

  @Test func `what came from outside cannot move the cursor in an error`() throws {
    let fixture = try fixture()
    try fixture.queued(1, name: "a\u{1B}[2J.csv")
    for text in ["a\u{1B}[2J.csv", "no\u{202E}body"] {
      let error = #expect(throws: OperationError.self) { try fixture.operations.result(of: text) }
      let sentence = try #require(error?.description)
      #expect(!sentence.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
    }
  }
}
