import Files
import Glibc
import TaskModel
import TestSupport
import Testing

@testable import Inbox

/// What the machine refuses for a while; in processes of their own, for the limit is the process's.
@Suite struct ScarcityTests {
  /// Sets whether the process may open more files; what is open stays so (getrlimit(2)).
  private static func allowOpening(_ isAllowed: Bool) throws {
    try allowOpening(below: isAllowed ? nil : 0)
  }

  /// Which descriptors may be given to what is opened; nil for as many as ever.
  private static func allowOpening(below bound: Int32?) throws {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    try #require(unsafe getrlimit(resource, &limit) == 0)
    limit.rlim_cur = bound.map { rlim_t($0) } ?? limit.rlim_max
    try #require(unsafe setrlimit(resource, &limit) == 0)
  }

  @Test(arguments: [0, 1])
  func `an upload that cannot be begun for want of descriptors leaves nothing`(free: Int32) async {
    await #expect(processExitsWith: .success) { [free] in
      let running = try RunningInbox()
      let lowest = dup(STDOUT_FILENO)
      close(lowest)
      // With one, its folder can be opened, and no file in it.
      try Self.allowOpening(below: lowest + free)
      #expect(throws: FileError.self) { try IncomingFile(named: "a.csv", in: running.work) }
      try Self.allowOpening(true)
      #expect(try running.work.entries() == [])
    }
  }

  @Test func `a sealed upload is discarded without opening anything`() async {
    await #expect(processExitsWith: .success) {
      let running = try RunningInbox()
      let file = try IncomingFile(named: "a.csv", in: running.work)
      _ = try file.seal()
      try Self.allowOpening(false)
      try file.discard()
      try Self.allowOpening(true)
      #expect(try running.work.entries() == [])
    }
  }

  @Test func `an inbox that cannot be listed is looked through later, and told of once`() async {
    await #expect(processExitsWith: .success) {
      let log = LogLines()
      let running = try RunningInbox(settle: .zero, rescan: .zero, log: log)
      var vigil = running.inbox.makeVigil()
      try vigil.start()
      try running.folder.append("a", to: "a.csv")
      try Self.allowOpening(false)
      for _ in 1...3 { try vigil.turn(Mailbox.Contents()) }
      try Self.allowOpening(true)
      #expect(running.claims == [])
      #expect(log.holding("error the inbox is not looked through").count == 1)
      for _ in 1...2 { try vigil.turn(Mailbox.Contents()) }
      #expect(try running.taken().map(\.contents) == ["a"])
      #expect(log.holding("notice the inbox is looked through again").count == 1)
      vigil.endWatch()
    }
  }

  @Test func `without a watch files are found by looking, and the watch comes when it can`() async {
    await #expect(processExitsWith: .success) {
      let log = LogLines()
      try Self.allowOpening(true)
      // The library cannot use a descriptor above 1000, and takes the lowest free one, when an inbox is made.
      let taken = (0..<1010).map { _ in dup(STDOUT_FILENO) }
      let running = try RunningInbox(settle: .zero, rescan: .milliseconds(20), log: log)
      try await running.start()
      try running.folder.append("a", to: "a.csv")
      try await running.awaitClaims(1)
      #expect(log.holding("error the inbox is not watched").count == 1)
      for descriptor in taken { close(descriptor) }
      try await eventually("the watch is armed") { !log.holding("is watched again").isEmpty }
      try running.stop()
    }
  }

  @Test func `a run goes on when files can be opened again`() async {
    await #expect(processExitsWith: .success) {
      let log = LogLines()
      let running = try RunningInbox(rescan: .milliseconds(20), log: log)
      try await running.start()
      try running.outside.append("a", to: "a.csv")
      try Self.allowOpening(false)
      try running.outside.move("a.csv", to: running.folder, as: "a.csv")
      try await eventually("a scan fails") { !log.holding("is not looked through").isEmpty }
      try Self.allowOpening(true)
      try await running.awaitClaims(1)
      #expect(try running.taken().map(\.contents) == ["a"])
      try running.stop()
    }
  }

  @Test func `a batch is made durable also when none of it can be opened`() async {
    await #expect(processExitsWith: .success) {
      let running = try RunningInbox()
      try running.folder.append("a", to: "a.csv")
      #expect(try running.inbox.drain() == [])
      try Self.allowOpening(false)
      let claimer = running.inbox.claimer
      try claimer.makeDurable(running.claims, since: claimer.mark)
      try Self.allowOpening(true)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED: only root can make another user's folder"))
  func `a file that recovery may not look at is told of once, and recorded once it can be`() async {
    await #expect(processExitsWith: .success) {
      let log = LogLines()
      let running = try RunningInbox(rescan: .milliseconds(20), log: log)
      let id = TaskID.make()
      let folder = try Folder(try running.work.directory(Claimer.folderName(id)).path)
      try folder.append("abc", to: "a.csv")
      try #require(unsafe chmod(folder.directory.path, 0o700) == 0)
      try #require(seteuid(65_534) == 0)
      #expect(try running.inbox.recover { _ in nil } == [])
      #expect(running.inbox.leftByRecovery == 1)
      for _ in 1...2 { #expect(running.inbox.recoverLeft() == []) }
      #expect(log.holding("error a file that was taken cannot be looked at").count == 1)
      try #require(seteuid(0) == 0)
      try await running.start()
      let claims = try await running.awaitClaims(1)
      #expect(claims == [ClaimedFile(taskID: id, name: "a.csv", size: 3, source: nil)])
      #expect(running.inbox.leftByRecovery == 0)
      try running.stop()
    }
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED: only root can make another user's file"))
  func `files of which the kernel does not tell the writers are taken with one warning`() async {
    await #expect(processExitsWith: .success) {
      let log = LogLines()
      let running = try RunningInbox(log: log)
      for name in ["a.csv", "b.csv"] as [FileName] { try running.folder.append("x", to: name) }
      try #require(unsafe chmod(running.folder.directory.path, 0o777) == 0)
      try #require(unsafe chmod(running.work.path, 0o777) == 0)
      try #require(seteuid(65_534) == 0)
      #expect(try running.inbox.drain() == [])
      try #require(seteuid(0) == 0)
      #expect(running.claims.map(\.name) == ["a.csv", "b.csv"])
      #expect(log.holding("warning the kernel does not say").count == 1)
      #expect(log.holding("CAP_LEASE").count == 1)
    }
  }
}
