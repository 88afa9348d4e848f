import Files
import Foundation
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import Inbox

/// A queue that has room or not, as a test says.
private final class Queue: Sendable {
  struct Full: Error, CustomStringConvertible {
    var description: String { "the queue is full" }
  }

  let isFull = Mutex(true)
  /// How often it was asked.
  let asked = Mutex(0)

  func requireRoom() throws {
    asked.withLock { $0 += 1 }
    if isFull.withLock({ $0 }) { throw Full() }
  }
}

/// What a run that ends by itself left behind, once it has ended.
private final class Drained: Sendable {
  let left = Mutex<Result<[Sighting], any Error>?>(nil)
}

extension WatchedInbox {
  // No scan comes to help in these tests: the next one is an hour away.

  @Test
  func
    `while the queue is full nothing is taken, each file says so, and all are taken as soon as it has room`()
    async throws
  {
    let queue = Queue()
    let running = try RunningInbox(requireRoom: { try queue.requireRoom() })
    try running.outside.append("x", to: "before.csv")
    try running.outside.move("before.csv", to: running.folder, as: "before.csv")
    try await running.start()
    for name in ["a.csv", "b.csv"] as [FileName] {
      try running.outside.append("x", to: name)
      try running.outside.move(name, to: running.folder, as: name)
    }
    for name in ["before.csv", "a.csv", "b.csv"] as [FileName] {
      try await running.awaitReason(.queueFull("the queue is full"), of: name)
    }
    #expect(running.claims == [])
    #expect(running.inbox.hindrance == "the queue is full")
    #expect(running.inbox.waiting.files == [.queueFull: 3])
    // To be looked at is no reason to take anything.
    running.inbox.lookAgain()
    queue.isFull.withLock { $0 = false }
    running.inbox.lookAgain()
    let taken = Set(try await running.awaitClaims(3).map(\.name.text))
    #expect(taken == ["before.csv", "a.csv", "b.csv"])
    try await eventually("nothing hinders it any more") { running.inbox.hindrance == nil }
    try running.stop()
  }

  @Test
  func `of the files that wait as many names are kept as are to be, and all files are taken`()
    async throws
  {
    let queue = Queue()
    let running = try RunningInbox(
      requireRoom: { try queue.requireRoom() }, mostRemembered: 8)
    let before = (0..<40).map { FileName("before-\($0).csv") }.compactMap(\.self)
    let after = (0..<40).map { FileName("after-\($0).csv") }.compactMap(\.self)
    for name in before {
      try running.outside.append("x", to: name)
      try running.outside.move(name, to: running.folder, as: name)
    }
    try await running.start()
    try await eventually("the first wait") { running.inbox.waiting.files == [.queueFull: 8] }
    for name in after {
      try running.outside.append("x", to: name)
      try running.outside.move(name, to: running.folder, as: name)
    }
    // The last event is looked at by then.
    let asked = queue.asked.withLock { $0 }
    try await eventually("events came") { running.inbox.counters.lastEvent != nil }
    try await eventually("the watch is through with them") {
      running.inbox.lookAgain()
      return queue.asked.withLock { $0 } > asked + 2
    }
    #expect(running.inbox.waiting.files == [.queueFull: 8])
    queue.isFull.withLock { $0 = false }
    running.inbox.lookAgain()
    let taken = Set(try await running.awaitClaims(80).map(\.name))
    #expect(taken == Set(before + after))
    #expect(running.claims.count == 80)
    try running.stop()
  }

  @Test
  func `files that settle are all taken, however few of their names are kept`() async throws {
    let running = try RunningInbox(mostRemembered: 4)
    try await running.start()
    for number in 0..<60 {
      try running.folder.append("x", to: try #require(FileName("\(number).csv")))
    }
    let taken = Set(try await running.awaitClaims(60).map(\.name))
    #expect(taken.count == 60)
    #expect(try running.inbox.sightings() == [])
    try running.stop()
  }
}

extension DrainTests {
  @Test func `drain waits for room in the queue, however long that takes`() async throws {
    let queue = Queue()
    let running = try RunningInbox(
      rescan: .milliseconds(1), requireRoom: { try queue.requireRoom() }, mostRemembered: 2)
    for number in 0..<10 {
      try running.folder.append("x", to: try #require(FileName("\(number).csv")))
    }
    let drained = Drained()
    let thread = Thread {
      let left = Result { try running.inbox.drain() }
      drained.left.withLock { $0 = left }
    }
    thread.start()
    // Much longer than it waits for what settles.
    try await eventually("it asks again and again") { queue.asked.withLock { $0 } > 1000 }
    #expect(drained.left.withLock { $0 == nil })
    queue.isFull.withLock { $0 = false }
    running.inbox.lookAgain()
    let left = try await eventually("it ends") { try drained.left.withLock { try $0?.get() } }
    #expect(left == [])
    #expect(running.claims.count == 10)
  }
}
