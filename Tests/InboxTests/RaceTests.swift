import Dispatch
import Files
import Foundation
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import Inbox

extension WatchedInbox {
  @Test func `files that arrive while the scan runs without pause are each taken once`()
    async throws
  {
    let memory = OtherFileSystem.isThere ? OtherFileSystem.Folder() : nil
    let running = try RunningInbox(
      rootPath: memory?.path, settle: .milliseconds(5), rescan: .milliseconds(1))
    try await running.start()
    let perWriter = 1000
    let failures = Mutex<[String]>([])
    let finished = DispatchGroup()
    for writer in 0..<4 {
      finished.enter()
      Thread {
        do {
          for number in 0..<perWriter {
            let name = try #require(FileName("\(writer)-\(number).csv"))
            try Self.drop(name, in: running, kind: (writer + number) % 4)
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
        finished.leave()
      }.start()
    }
    try await running.awaitClaims(4 * perWriter)
    try await running.pass()
    #expect(failures.withLock { $0 } == [])
    #expect(running.inbox.counters.rescans > 0)
    let taken = try running.taken()
    #expect(taken.count == 4 * perWriter)
    #expect(Set(taken.map(\.name)).count == 4 * perWriter)
    #expect(taken.allSatisfy { $0.contents == $0.name.text + $0.name.text })
    try running.stop()
  }

  /// One of the ways in which a file arrives; its contents are its name, twice, written in two
  /// steps.
  private static func drop(_ name: FileName, in running: RunningInbox, kind: Int) throws {
    let inbox = running.folder
    switch kind {
    case 0:
      let writer = try inbox.open(name)
      try inbox.write(name.text, to: writer)
      try inbox.write(name.text, to: writer)
      try inbox.close(writer)
    case 1:
      try running.outside.append(name.text + name.text, to: name)
      try running.outside.move(name, to: inbox, as: name)
    case 2:
      try running.outside.append(name.text + name.text, to: name)
      try running.outside.link(name, in: inbox, as: name)
    default:
      try inbox.linkTemporaryFile(name.text + name.text, as: name)
    }
  }

  @Test func `what is appended in several sessions is taken whole and in order`() async throws {
    let running = try RunningInbox(settle: .seconds(1))
    try await running.start()
    for text in ["1", "2", "3", "4"] { try running.folder.append(text, to: "a.csv") }
    try await running.pass()
    // Had the machine stood still for longer than the settle time, these would be two files of
    // which each is whole; nothing may be missing or twice either way.
    #expect(try running.taken().compactMap(\.contents).joined() == "1234")
    try running.stop()
  }

  @Test func `a file that never holds still does not hold up the others`() async throws {
    let running = try RunningInbox(settle: .milliseconds(200))
    try await running.start()
    let stops = Atomic<Bool>(false)
    let finished = DispatchSemaphore(value: 0)
    let busy = try running.folder.open("busy.csv")
    let folder = running.folder
    Thread {
      do {
        while !stops.load(ordering: .relaxed) {
          try folder.append("x", to: "busy.csv")
        }
      } catch {
        Issue.record(error)
      }
      finished.signal()
    }.start()
    try await running.pass()
    #expect(running.claims.allSatisfy { $0.name == "zz-fence.csv" })
    stops.store(true, ordering: .relaxed)
    while finished.wait(timeout: .now()) == .timedOut { try await running.pass() }
    try running.folder.close(busy)
    try await eventually("the busy file is taken") {
      running.claims.contains { $0.name == "busy.csv" }
    }
    try running.stop()
  }
}
