import Files
import Inbox
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

struct DuplicateTests {
  private static let text = csv("A,d,1", "B,d,2")

  @Test func `the same bytes again get a result of their own and no rows`() async throws {
    let place = try Workplace()
    let first = try await place.process(Self.text)
    let second = try await place.process(Self.text, as: "again.csv")
    #expect(first.status == .done)
    #expect(second.status == .duplicate)
    #expect(second.duplicateOf == first.taskID)
    #expect(second.sha256 == first.sha256)
    #expect(try place.bytes("again.csv") == place.bytes("plays.csv"))
    #expect(try place.plays() == ["A|d|1", "B|d|2"])
    let receipt = try place.receipt("again.csv.receipt.json")
    #expect(receipt.status == "duplicate")
    #expect(receipt.duplicateOf == first.taskID.description)
    #expect(receipt.groups == 2)
    try place.expectSound()
  }

  @Test func `with on-duplicate load the same bytes count again`() async throws {
    let place = try Workplace([.onDuplicate: "load"])
    _ = try await place.process(Self.text)
    let second = try await place.process(Self.text)
    #expect(second.status == .done)
    #expect(second.duplicateOf == nil)
    #expect(try place.totals() == ["A,d,2", "B,d,4"])
  }

  @Test func `other bytes under an old name are a new task`() async throws {
    let place = try Workplace()
    _ = try await place.process(csv("A,d,1"))
    #expect(try await place.process(csv("A,d,2")).status == .done)
    #expect(try place.totals() == ["A,d,3"])
    #expect(try place.contents("plays.2.csv").hasSuffix("\nA,d,2\n"))
  }

  @Test func `equal bytes of a failed file are no duplicate`() async throws {
    let place = try Workplace()
    _ = try await place.process(csv("A,d,one"))
    #expect(try await place.process(csv("A,d,one")).status == .failed)
  }

  @Test func `of equal files at once exactly one is done and the others are duplicates`()
    async throws
  {
    let place = try Workplace([.workers: "2"])
    for round in 1...12 {
      let text = csv("Song \(round),d,1")
      let claims = try (0..<3).map { try place.claim(text, as: "\(round)-\($0).csv") }
      let summary = try await place.process(claims)
      #expect(summary.done == 3)
      let tasks = try claims.map { try place.task($0.taskID) }
      let done = tasks.filter { $0.status == .done }
      #expect(done.count == 1)
      #expect(tasks.count { $0.status == .duplicate && $0.duplicateOf == done.first?.taskID } == 2)
      #expect(try place.bytes("\(round)-0.csv") == place.bytes("\(round)-1.csv"))
    }
    #expect(try place.count("plays") == 12)
    try place.expectSound()
  }

  @Test func `the same bytes as a task that then fails count once, as done`() async throws {
    let place = try Workplace()
    let first = try place.claim(Self.text)
    try place.interrupt(first, after: .ingested)
    let second = try place.claim(Self.text, as: "again.csv")
    async let processed = place.process([second])
    // While the first is still publishing, the second can be neither done nor a duplicate.
    try await eventually("the second task runs") {
      try place.store.task(second.taskID)?.record.status == .running
    }
    try place.store.fail(
      first.taskID, FileFailure(.internal, "A defect."),
      progress: .init(bytesRead: 0, rowsRead: 0, rowsRejected: 0), sha256: nil, columns: nil,
      rejects: [], at: .now())
    #expect(try await processed.done == 1)
    #expect(try place.task(second.taskID).status == .done)
    #expect(try place.plays() == ["A|d|1", "B|d|2"])
    try place.expectSound()
  }

  @Test func `a stop ends a task that waits for another with the same bytes`() async throws {
    let place = try Workplace()
    try place.interrupt(place.claim(Self.text), after: .ingested)
    let second = try place.claim(Self.text, as: "again.csv")
    let pipeline = place.pipeline()
    try pipeline.record([second])
    async let running: Void = pipeline.runWorkers()
    try await eventually("the second task runs") {
      try place.store.task(second.taskID)?.record.status == .running
    }
    pipeline.stop()
    try await running
    #expect(try place.task(second.taskID).status == .queued)
    #expect(try place.outbox().filter { $0.contains("\(second.taskID)") } == [])
  }
}
