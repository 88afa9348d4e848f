import Inbox
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// `min-free`: a task waits for disk space, says so, and nothing of it is lost or half done.
struct SpaceTests {
  @Test func `a task that is not begun for want of space says so, and is done once there is some`()
    async throws
  {
    let place = try Workplace([.minFree: "1000000TiB"])
    let claim = try place.claim(csv("a,d,1"))
    let summary = try await place.process([claim])
    let reason = try #require(summary.givenUp.first)
    #expect(reason.contains("waits for disk space"))
    #expect(try place.task(claim.taskID).status == .queued)
    #expect(try place.task(claim.taskID).attempts == 0)
    let waiting = try place.store.events(of: claim.taskID).filter { $0.kind == "waiting" }
    #expect(waiting.map(\.detail) == [reason])
    #expect(try place.outbox() == [])
    let next = try Workplace(after: place, [.minFree: "0"])
    try await next.restart()
    #expect(try next.task(claim.taskID).status == .done)
    #expect(try next.count("plays") == 1)
  }
}
