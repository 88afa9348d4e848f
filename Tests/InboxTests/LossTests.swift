import Dispatch
import Files
import Glibc
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import Inbox

extension WatchedInbox {
  /// Holds the watch's thread up, as a stopped process would be.
  private final class Gate: Sendable {
    private let isOpen = Mutex(true)
    private let opened = DispatchSemaphore(value: 0)

    func shut() { isOpen.withLock { $0 = false } }

    func open() {
      isOpen.withLock { $0 = true }
      opened.signal()
    }

    func pass() {
      if !isOpen.withLock({ $0 }) { opened.wait() }
    }
  }

  @Test func `more files than the kernel's queue holds are each taken once`() async throws {
    // In memory where that is possible: this is about the queue, and 20,000 files on a disk take
    // long.
    let memory = OtherFileSystem.isThere ? OtherFileSystem.Folder() : nil
    let gate = Gate()
    var interposed = Inbox.Interposed()
    interposed.beforeReading = { gate.pass() }
    let running = try RunningInbox(rootPath: memory?.path, interposed: interposed)
    try await running.start()
    gate.shut()
    // Two events a file; the queue holds 16,384 by default (fs.inotify.max_queued_events).
    let count = 20_000
    for number in 0..<count {
      try running.folder.append("\(number)", to: try #require(FileName("\(number).csv")))
    }
    gate.open()
    let claims = try await running.awaitClaims(count, within: .seconds(300))
    #expect(running.inbox.counters.overflows > 0)
    #expect(running.inbox.counters.foundByScanOnly > 0)
    try await running.pass()
    #expect(Set(claims.map(\.name)).count == count)
    #expect(Set(claims.map(\.taskID)).count == count)
    #expect(running.claims.count == count + 2)
    #expect(try running.inbox.sightings() == [])
    try running.stop()
  }

  @Test func `an inbox that was renamed away and made anew is watched again`() async throws {
    let running = try RunningInbox(rescan: .milliseconds(50))
    try await running.start()
    let path = running.rootPath + "/inbox"
    try #require(unsafe rename(path, path + ".old") == 0)
    let anew = try Folder(path)
    try anew.append("a", to: "a.csv")
    try await running.awaitClaims(1)
    try running.folder.append("b", to: "left-in-the-old-one.csv")
    try anew.append("c", to: "c.csv")
    try await running.awaitClaims(2)
    #expect(try running.taken().map(\.name) == ["a.csv", "c.csv"])
    try running.stop()
  }

  @Test func `an inbox that was replaced gives events again, not only scans`() async throws {
    let gate = Gate()
    var interposed = Inbox.Interposed()
    interposed.beforeReading = { gate.pass() }
    let running = try RunningInbox(interposed: interposed)
    try await running.start()
    let path = running.rootPath + "/inbox"
    let anew = try Folder(path + ".new")
    // The thread reads this event, is then held up, and hears of both renames at once.
    gate.shut()
    try running.folder.append("", to: "ignored.txt")
    try #require(unsafe rename(path, path + ".old") == 0)
    try #require(unsafe rename(path + ".new", path) == 0)
    gate.open()
    for count in 1...3 {
      try anew.append("a", to: "a.csv")
      try await running.awaitClaims(count)
    }
    try running.stop()
  }

  @Test func `an inbox that was deleted is made anew and watched again`() async throws {
    let running = try RunningInbox(rescan: .milliseconds(50))
    try await running.start()
    let path = running.rootPath + "/inbox"
    for round in 1...3 {
      try #require(unsafe rmdir(path) == 0)
      try await eventually("the inbox is there again") {
        do throws(FileError) {
          _ = try Directory.open(path, create: false)
          return true
        } catch  where error.isMissing {
          return false
        }
      }
      try Folder(path).append("a", to: "a.csv")
      try await running.awaitClaims(round)
    }
    try running.stop()
  }

  @Test func `a file whose event nobody read is found by the scan that comes now and then`()
    async throws
  {
    let gate = Gate()
    var interposed = Inbox.Interposed()
    interposed.beforeReading = { gate.pass() }
    let running = try RunningInbox(rescan: .milliseconds(50), interposed: interposed)
    try await running.start()
    // The one event that the thread already waits for is not held up; the one after it is.
    gate.shut()
    try running.folder.append("", to: "ignored.txt")
    try running.folder.append("a", to: "a.csv")
    try await running.awaitClaims(1)
    #expect(running.inbox.counters.foundByScanOnly == 1)
    gate.open()
    try running.stop()
  }

  @Test func `a second watch in one process is refused with a sentence`() async throws {
    let first = try RunningInbox()
    try await first.start()
    let second = try RunningInbox()
    #expect(throws: InboxError.alreadyWatching) { try second.inbox.run() }
    try first.stop()
    try await second.start()
    try second.folder.append("a", to: "a.csv")
    try await second.awaitClaims(1)
    try second.stop()
  }

  @Test func `files that cannot be recorded are tried again and recorded once`() async throws {
    let running = try RunningInbox(rescan: .milliseconds(20), refusals: 3)
    try await running.start()
    try running.folder.append("a", to: "a.csv")
    try await running.awaitClaims(1)
    try await running.pass()
    #expect(try running.taken().map(\.name) == ["a.csv"])
    try running.stop()
  }

  @Test func `a full batch is recorded without waiting for the rest`() async throws {
    let running = try RunningInbox()
    for number in 0..<600 {
      try running.folder.append("", to: try #require(FileName("\(number).csv")))
    }
    try await running.start()
    let claims = try await running.awaitClaims(600)
    #expect(Set(claims.map(\.name)).count == 600)
    try running.stop()
  }

  @Test func `what is claimed lies in a folder named by its task, synced and alone`() async throws {
    let running = try RunningInbox()
    try await running.start()
    try running.folder.append("abc", to: "a.csv")
    let claim = try #require(try await running.awaitClaims(1).first)
    #expect(claim.size == 3)
    #expect(claim.source == nil)
    let folder = try running.work.directory(Claimer.folderName(claim.taskID), create: false)
    #expect(try folder.entries() == ["a.csv"])
    #expect(try running.work.entries() == [Claimer.folderName(claim.taskID)])
    try running.stop()
  }
}
