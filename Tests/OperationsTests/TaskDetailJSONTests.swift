import Foundation
import TaskModel
import Testing

@testable import Operations

struct TaskDetailJSONTests {
  private func json(_ fixture: StoreFixture) throws -> [String: Any] {
    let detail = try fixture.operations.task(matching: "plays.csv")
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(detail))
    return try #require(object as? [String: Any])
  }

  private static let columns = [
    "attempts", "bytes_read", "duplicate_of", "error", "error_code", "finished_at", "groups",
    "name", "phase", "plays_sum", "queued_at", "result_name", "rows_read", "rows_rejected",
    "sha256", "size_bytes", "started_at", "status", "task_id",
  ]

  @Test func `the keys are the manifest's columns, events and rejects, whatever the status`() throws
  {
    let keys = (Self.columns + ["events", "pruned_at", "rejects"]).sorted()
    let (queued, failed, done) = (try StoreFixture(), try StoreFixture(), try StoreFixture())
    try queued.queued(1)
    try failed.failed(1)
    try done.done(1)
    for fixture in [queued, failed, done] { #expect(try json(fixture).keys.sorted() == keys) }
  }

  @Test func `values are the manifest's, times ISO 8601 in UTC`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1)
    let task = try json(fixture)
    #expect(task["status"] as? String == "done")
    #expect(task["plays_sum"] as? Int == 7)
    #expect(task["result_name"] as? String == "result-1.csv")
    #expect(task["queued_at"] as? String == "2023-11-14T22:13:21.000Z")
    #expect(task["error"] is NSNull)
  }

  @Test func `an event has its time, kind and detail`() throws {
    let fixture = try StoreFixture()
    try fixture.failed(1)
    let events = try #require(try json(fixture)["events"] as? [[String: Any]])
    #expect(events.map { $0["kind"] as? String } == ["queued", "started", "failed"])
    #expect(events.last?["detail"] as? String == "The header is none.")
    #expect(events.last?["at"] as? String == "2023-11-14T22:13:21.000Z")
  }

  @Test func `a rejected record has place, reason and text, also where it is no UTF-8`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1)
    let rejects = try #require(try json(fixture)["rejects"] as? [[String: Any]])
    let reject = try #require(rejects.first)
    #expect(rejects.count == 1)
    #expect(reject.keys.sorted() == ["byte", "column", "line", "raw", "reason"])
    #expect(reject["line"] as? Int == 3)
    #expect(reject["byte"] as? Int == 31)
    #expect(reject["raw"] as? String == "A\u{FFFD}")
  }
}
