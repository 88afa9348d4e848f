import Files
import Foundation
import Inbox
import Synchronization
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

struct FullQueueTests {
  @Test
  func `of many files no more are queued at a time than are to be, and each ends`() async throws {
    let place = try Workplace()
    let pipeline = place.pipeline(mostWaiting: 8)
    var options = InboxOptions()
    options.settle = .zero
    // Nothing but room in the queue has it go on.
    options.rescan = .seconds(3600)
    options.maximumBatch = 2
    options.requireRoom = { try pipeline.requireRoom() }
    let most = Mutex(0)
    let inbox = Inbox(
      directory: place.folders.inbox, work: place.folders.work, wake: place.folders.state,
      options: options, logger: Workplace.logger,
      record: { claims in
        try pipeline.record(claims)
        let waiting = pipeline.activity.queued
        most.withLock { $0 = max($0, waiting) }
      })
    pipeline.whenThereIsRoom { inbox.lookAgain() }
    for number in 0..<100 {
      let path = place.folders.inbox.path + "/\(number).csv"
      try Data(csv("Song,2024-01-01,\(number + 1)").utf8).write(to: URL(fileURLWithPath: path))
    }
    async let working: Void = pipeline.runWorkers()
    let left = try await onThread(named: "inbox") { try inbox.drain() }
    pipeline.close()
    try await working
    #expect(left == [])
    #expect(pipeline.summary.done == 100)
    // The batch in which it becomes full is recorded whole.
    let seen = most.withLock { $0 }
    #expect(seen >= 1 && seen <= 9)
  }

  @Test func `a start queues all that the manifest has, and then has no room`() async throws {
    let place = try Workplace()
    let claims = try (0..<10).map { number in
      try place.claim(csv("Song,2024-01-01,1"), as: "\(number).csv")
    }
    try place.store.add(claims.map(NewTask.init), at: .now())
    let pipeline = place.pipeline(mostWaiting: 8)
    try pipeline.recover(place.inbox)
    #expect(throws: QueueFull(waiting: 10, resumesAt: 4)) { try pipeline.requireRoom() }
    pipeline.close()
    try await pipeline.runWorkers()
    try pipeline.requireRoom()
    #expect(pipeline.summary.done == 10)
  }
}
