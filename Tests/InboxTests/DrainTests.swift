import Files
import Glibc
import TaskModel
import Testing

@testable import Inbox

/// The run that ends by itself; it does not watch, so these tests need not take turns.
@Suite struct DrainTests {
  @Test func `drain takes what lies there and ends`() throws {
    let running = try RunningInbox()
    try running.folder.append("a", to: "a.csv")
    try running.outside.append("b", to: "b.csv")
    try running.outside.move("b.csv", to: running.folder, as: "b.csv")
    #expect(try running.inbox.drain() == [])
    #expect(try running.taken().map(\.name) == ["a.csv", "b.csv"])
  }

  @Test func `drain leaves what a writer keeps open, and says so`() throws {
    let running = try RunningInbox()
    let writer = try running.folder.open("open.csv")
    try running.folder.makeFIFO("fifo.csv")
    try running.folder.append("a", to: "a.csv")
    #expect(
      try running.inbox.drain() == [
        Sighting(name: "fifo.csv", reason: .notRegular(.fifo)),
        Sighting(name: "open.csv", reason: .openByWriter),
      ])
    #expect(try running.taken().map(\.name) == ["a.csv"])
    try running.folder.close(writer)
    #expect(try running.inbox.drain() == [Sighting(name: "fifo.csv", reason: .notRegular(.fifo))])
    #expect(try running.taken().map(\.name) == ["a.csv", "open.csv"])
  }

  @Test func `drain of an empty inbox ends at once with nothing`() throws {
    let running = try RunningInbox()
    #expect(try running.inbox.drain() == [])
    #expect(running.claims == [])
  }

  @Test func `drain throws what recording throws, and recovery finds the files`() throws {
    let running = try RunningInbox(refusals: 1)
    try running.folder.append("a", to: "a.csv")
    #expect(throws: RunningInbox.Refused.self) { try running.inbox.drain() }
    let found = try running.inbox.recover { _ in nil }
    #expect(found.map(\.name) == ["a.csv"])
  }
}

@Suite struct ClaimerTests {
  private let running: RunningInbox
  private var claimer: Claimer { running.inbox.claimer }

  init() throws {
    running = try RunningInbox()
  }

  private func status(_ name: FileName) throws -> FileStatus {
    try #require(try running.folder.directory.status(of: name))
  }

  @Test func `a file that changed after the look goes back under its name`() throws {
    try running.folder.append("a", to: "a.csv")
    let seen = try status("a.csv")
    try running.folder.append("b", to: "a.csv")
    guard case .changed = try claimer.claim("a.csv", seen: seen) else {
      Issue.record("it was taken")
      return
    }
    #expect(try running.folder.contents("a.csv") == "ab")
    #expect(try running.work.entries() == [])
  }

  @Test func `a writer that came after the look gets its file back`() throws {
    try running.folder.append("a", to: "a.csv")
    let seen = try status("a.csv")
    let writer = try running.folder.open("a.csv")
    guard case .changed = try claimer.claim("a.csv", seen: seen) else {
      Issue.record("it was taken")
      return
    }
    try running.folder.close(writer)
    #expect(try running.folder.contents("a.csv") == "a")
  }

  @Test func `a directory that took the file's place goes back`() throws {
    try running.folder.append("a", to: "a.csv")
    let seen = try status("a.csv")
    try running.folder.move("a.csv", to: running.outside, as: "a.csv")
    try running.folder.makeDirectory("a.csv")
    guard case .changed = try claimer.claim("a.csv", seen: seen) else {
      Issue.record("it was taken")
      return
    }
    #expect(try status("a.csv").kind == .directory)
    #expect(try running.work.entries() == [])
  }

  @Test func `a file that is gone leaves no folder behind`() throws {
    try running.folder.append("a", to: "a.csv")
    let seen = try status("a.csv")
    try running.folder.move("a.csv", to: running.outside, as: "a.csv")
    guard case .gone = try claimer.claim("a.csv", seen: seen) else {
      Issue.record("it was taken")
      return
    }
    #expect(try running.work.entries() == [])
  }
}
