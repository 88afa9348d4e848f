import GRDB
import TaskModel
import Testing

@testable import TaskStore

@Suite struct UndoTests {
  static func reject(_ number: Int, raw: [UInt8] = [0x61, 0xFF]) -> RejectedRecord {
    RejectedRecord(
      line: number, column: 2, byte: number * 10, reason: "plays is not a number", raw: raw)
  }

  @Test(arguments: [false, true])
  func `a task that goes back to the queue leaves nothing behind`(publishing: Bool) throws {
    let fixture = try StoreFixture()
    try fixture.done(7, [PlayRow("other", "d", 1)])
    let task = try fixture.added(1)
    let before = try #require(try fixture.store.task(task))
    try fixture.store.start(task, at: StoreFixture.time(2))
    try fixture.append([PlayRow("a", "d", 1)], to: task, rejects: [Self.reject(2)])
    try fixture.append([PlayRow("b", "d", 1)], to: task)
    if publishing { _ = try fixture.ingested([PlayRow("c", "d", 1)], by: task) }
    try fixture.store.requeue(task, reason: "the daemon stopped", at: StoreFixture.time(3))

    var after = try #require(try fixture.store.task(task))
    #expect(after.record.attempts == 1)
    // What it may have published, and under which names, is kept for the next attempt to know.
    #expect(after.outputNumber == (publishing ? 1 : nil))
    #expect(after.resultBytes == (publishing ? 9 : nil))
    #expect(after.resultSHA256 == (publishing ? String(repeating: "9", count: 64) : nil))
    #expect(after.rejectsSHA256 == (publishing ? String(repeating: "8", count: 64) : nil))
    after.record.attempts = 0
    after.outputNumber = nil
    after.resultBytes = nil
    after.resultSHA256 = nil
    after.rejectsSHA256 = nil
    #expect(after == before)
    #expect(try fixture.count("play_rows") == 1)
    #expect(try fixture.count("batches") == 1)
    #expect(try fixture.count("fingerprints") == 1)
    #expect(try fixture.count("reject_rows") == 0)
    let event = try #require(try fixture.store.events(of: task).last)
    #expect(event.kind == "requeued")
    #expect(event.detail == "the daemon stopped")
  }

  @Test func `a failed task leaves no rows and says why`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    try fixture.append([PlayRow("a", "d", 1)], to: task, rejects: [Self.reject(2)])
    try fixture.store.fail(
      task, FileFailure(.rejectedRows, "2 records were rejected"),
      progress: IngestProgress(bytesRead: 90, rowsRead: 3, rowsRejected: 2), sha256: "abc",
      columns: .position, rejects: [Self.reject(3)], at: StoreFixture.time(4))
    #expect(try fixture.count("play_rows") == 0)
    #expect(try fixture.count("batches") == 0)
    let stored = try #require(try fixture.store.task(task))
    let record = stored.record
    #expect(stored.columns == .position)
    #expect(record.sha256 == "abc")
    #expect(record.status == .failed)
    #expect(record.phase == nil)
    #expect(record.errorCode == .rejectedRows)
    #expect(record.error == "2 records were rejected")
    #expect(record.rowsRejected == 2)
    #expect(record.finishedAt == StoreFixture.time(4))
    #expect(try fixture.store.rejects(of: task) == [Self.reject(2), Self.reject(3)])
  }

  @Test func `rejected records are bounded in number and size`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    let long = [UInt8](repeating: 0x78, count: 5000)
    try fixture.append([], to: task, rejects: [Self.reject(1, raw: long)])
    try fixture.append([], to: task, rejects: (2...9_999).map { Self.reject($0) })
    try fixture.append([], to: task, rejects: (10_000...10_050).map { Self.reject($0) })
    let rejects = try fixture.store.rejects(of: task)
    #expect(rejects.map(\.line) == Array(1...10_000))
    #expect(rejects.first?.raw == Array(long.prefix(4096)))
    #expect(try fixture.store.rejects(of: task, limit: 2).count == 2)
    let shown = try fixture.sql(
      "SELECT line, \"column\", byte FROM rejects WHERE task_id = ? AND number = 2",
      [task.description])
    #expect(shown.first?["byte"] == 20)
  }

  @Test func `the events of a task that is tried for ever are bounded`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.added(1)
    try fixture.store.write("try again and again") { transaction in
      for number in 1...600 {
        try transaction.start(task, at: StoreFixture.time(number))
        let queued = try transaction.requeue(
          task, toResume: true, sizeBytes: nil, reason: "attempt \(number)",
          at: StoreFixture.time(number))
        #expect(queued)
      }
    }
    let events = try fixture.store.events(of: task)
    #expect(events.count == 1000)
    #expect(events.last?.detail == "attempt 600")
    #expect(try fixture.store.task(task)?.record.attempts == 600)
  }

  @Test func `an output name can be reserved before it is used`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    _ = try fixture.ingested([], by: task)
    try fixture.store.reserveOutputNumber(
      task, 4, resultName: FileName("plays-1.4.csv"), rejectsSHA256: "def")
    let stored = try #require(try fixture.store.task(task))
    #expect(stored.outputNumber == 4)
    #expect(stored.record.resultName == "plays-1.4.csv")
    #expect(stored.rejectsSHA256 == "def")
    #expect(stored.resultBytes == 9)
    #expect(stored.resultSHA256 == String(repeating: "9", count: 64))
  }
}
