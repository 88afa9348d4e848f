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

/// A queue that holds so many files, as a test says.
private final class Room: Sendable {
  struct Full: Error {}

  private struct State {
    var allowed = 0
    var recorded = 0
  }
  private let state = Mutex(State())

  func allow(_ more: Int) { state.withLock { $0.allowed = $0.recorded + more } }
  func record(_ files: [ClaimedFile]) { state.withLock { $0.recorded += files.count } }

  func require() throws {
    try state.withLock { if $0.recorded >= $0.allowed { throw Full() } }
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
    let (queue, log) = (Queue(), LogLines())
    let running = try RunningInbox(requireRoom: { try queue.requireRoom() }, log: log)
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
    #expect(running.inbox.shortage == "the queue is full")
    #expect(log.holding("notice no file is taken: the queue is full").count == 1)
    #expect(running.inbox.waiting.files == [.queueFull: 3])
    // To be looked at is no reason to take anything.
    running.inbox.lookAgain()
    queue.isFull.withLock { $0 = false }
    running.inbox.lookAgain()
    let taken = Set(try await running.awaitClaims(3).map(\.name.text))
    #expect(taken == ["before.csv", "a.csv", "b.csv"])
    #expect(running.inbox.shortage == nil)
    #expect(log.holding("notice files are taken again").count == 1)
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

  @Test
  func
    `a file without an event is taken in its turn, however many come with one that fill the queue`()
    async throws
  {
    let room = Room()
    let running = try RunningInbox(
      requireRoom: { try room.require() }, mostRemembered: 4, maximumBatch: 1,
      afterRecording: { room.record($0) })
    for number in 0..<4 {
      try running.folder.append("x", to: try #require(FileName("a-before-\(number).csv")))
    }
    // The last one of these by name, for which there is no room any more.
    try running.folder.append("x", to: "a-last.csv")
    try await running.start()
    for turn in 0..<10 {
      for number in 0..<4 {
        let name = try #require(FileName("b-\(turn)-\(number).csv"))
        try running.outside.append("x", to: name)
        try running.outside.move(name, to: running.folder, as: name)
      }
      let before = running.claims.count
      room.allow(2)
      running.inbox.lookAgain()
      try await running.awaitClaims(before + 2)
    }
    #expect(running.claims.contains { $0.name == "a-last.csv" })
    room.allow(1000)
    running.inbox.lookAgain()
    try await running.awaitClaims(45)
    try running.stop()
  }

  @Test
  func
    `what waits for room and is removed is not kept in mind, and a new file has all looked at again`()
    async throws
  {
    let queue = Queue()
    // Want of space, of which nobody tells that it is over.
    let running = try RunningInbox(requireSpace: { try queue.requireRoom() })
    try await running.start()
    for name in ["a.csv", "b.csv"] as [FileName] {
      try running.outside.append("x", to: name)
      try running.outside.move(name, to: running.folder, as: name)
    }
    try await running.awaitReason(.noSpace("the queue is full"), of: "a.csv")
    try await running.awaitReason(.noSpace("the queue is full"), of: "b.csv")
    try running.folder.directory.remove("a.csv")
    running.inbox.lookAgain()
    queue.isFull.withLock { $0 = false }
    try running.outside.append("x", to: "c.csv")
    try running.outside.move("c.csv", to: running.folder, as: "c.csv")
    let taken = Set(try await running.awaitClaims(2).map(\.name.text))
    #expect(taken == ["b.csv", "c.csv"])
    try await eventually("none is kept") { running.inbox.waiting.files == [:] }
    try running.stop()
  }

  @Test func `other settings have a full disk looked at again at once`() async throws {
    let queue = Queue()
    let running = try RunningInbox(requireSpace: { try queue.requireRoom() })
    try await running.start()
    try running.outside.append("x", to: "a.csv")
    try running.outside.move("a.csv", to: running.folder, as: "a.csv")
    try await running.awaitReason(.noSpace("the queue is full"), of: "a.csv")
    running.inbox.use(InboxOptions())
    try await running.awaitClaims(1)
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

  @Test func `drain takes what is whole, however many names wait for their writers`() throws {
    let running = try RunningInbox(mostRemembered: 2)
    let writers = try (0..<4).map { number in
      try running.folder.open(try #require(FileName("a-\(number).csv")))
    }
    for number in 0..<20 {
      try running.folder.append("x", to: try #require(FileName("b-\(number).csv")))
    }
    let left = try running.inbox.drain()
    #expect(left.count == 4)
    #expect(running.claims.count == 20)
    for writer in writers { try running.folder.close(writer) }
  }
}
