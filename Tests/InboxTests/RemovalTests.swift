import Files
import Glibc
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import Inbox

/// Sources on another file system that cannot be removed, before or after their row is there.
@Suite(
  .enabled(
    if: OtherFileSystem.isThere,
    "SKIPPED: /dev/shm and the temporary directory are one file system, so nothing is copied here"
  ))
struct RemovalTests {
  private let shared = OtherFileSystem.Folder()

  /// Keeps a copied file from being removed, for root too: its hidden name is taken.
  private func obstruct(_ claims: [ClaimedFile], in folder: Folder) throws {
    for claim in claims { try folder.makeDirectory(Claimer.takenName(claim.taskID)) }
  }

  private func unobstruct(_ id: TaskID, in folder: Folder) throws {
    try #require(try folder.directory.removeDirectory(Claimer.takenName(id)))
  }

  private func trouble(in running: RunningInbox) throws -> [FileName] {
    try running.inbox.sightings().compactMap { sighting in
      guard case .trouble = sighting.reason else { return nil }
      return sighting.name
    }
  }

  private func workFiles(_ id: TaskID, in running: RunningInbox) throws -> [FileName] {
    try running.work.directory(Claimer.folderName(id), create: false).entries()
  }

  @Test func `a source that cannot be removed after its row waits, and is not taken again`() throws
  {
    let folder = try Folder(shared.path)
    let running = try RunningInbox(
      inboxPath: shared.path, afterRecording: { try obstruct($0, in: folder) })
    try folder.append("a", to: "a.csv")
    _ = try running.inbox.drain()
    _ = try running.inbox.drain()
    let id = try #require(running.claims.first?.taskID)
    #expect(running.claims.count == 1)
    #expect(try trouble(in: running) == ["a.csv"])
    #expect(try workFiles(id, in: running) == [".partial"])
    try unobstruct(id, in: folder)
    #expect(try running.inbox.drain() == [])
    #expect(running.claims.count == 1)
    #expect(try workFiles(id, in: running) == ["a.csv"])
    #expect(try folder.directory.entries() == [])
  }

  @Test func `start-up goes on where a recorded source cannot be removed, and the run tries again`()
    throws
  {
    let running = try RunningInbox(inboxPath: shared.path)
    let id = TaskID.make()
    let work = try Folder(try running.work.directory(Claimer.folderName(id)).path)
    try work.append("a", to: ".partial")
    try running.folder.append("a", to: "a.csv")
    let source = try running.folder.directory.status(of: "a.csv")
    try running.folder.makeDirectory(Claimer.takenName(id))
    let task = KnownTask(name: "a.csv", source: source)
    for _ in 1...2 { #expect(try running.inbox.recover { $0 == id ? task : nil } == []) }
    _ = try running.inbox.drain()
    #expect(running.claims == [])
    #expect(try trouble(in: running) == ["a.csv"])
    try unobstruct(id, in: running.folder)
    #expect(try running.inbox.drain() == [])
    #expect(running.claims == [])
    #expect(try work.contents("a.csv") == "a")
  }

  @Test func `a new file under the name of one that waits is taken after it`() throws {
    let folder = try Folder(shared.path)
    let isFirst = Mutex(true)
    let running = try RunningInbox(
      inboxPath: shared.path,
      afterRecording: { claims in
        let obstructs = isFirst.withLock { isFirst in
          defer { isFirst = false }
          return isFirst
        }
        if obstructs { try obstruct(claims, in: folder) }
      })
    try folder.append("a", to: "a.csv")
    _ = try running.inbox.drain()
    try folder.append("newer", to: ".a")
    try folder.move(".a", to: folder, as: "a.csv")
    let id = try #require(running.claims.first?.taskID)
    try unobstruct(id, in: folder)
    #expect(try running.inbox.drain() == [])
    #expect(try running.taken().map(\.contents) == ["a", "newer"])
  }

  @Test func `a source whose rights were changed meanwhile is removed, for its bytes are the same`()
    throws
  {
    let running = try RunningInbox(inboxPath: shared.path)
    let id = TaskID.make()
    let work = try Folder(try running.work.directory(Claimer.folderName(id)).path)
    try work.append("a", to: ".partial")
    try running.folder.append("a", to: "a.csv")
    let source = try #require(try running.folder.directory.status(of: "a.csv"))
    try #require(unsafe chmod(shared.path + "/a.csv", 0o600) == 0)
    #expect(running.inbox.claimer.finishCopy(id, name: "a.csv", source: source) == nil)
    #expect(try running.folder.directory.entries() == [])
    #expect(try work.contents("a.csv") == "a")
  }

  @Test func `a file with the size and the times of a copied one, but other bytes, stays`() throws {
    let running = try RunningInbox(inboxPath: shared.path)
    let id = TaskID.make()
    let work = try Folder(try running.work.directory(Claimer.folderName(id)).path)
    try work.append("a", to: ".partial")
    try running.folder.append("b", to: "a.csv")
    let source = try #require(try running.folder.directory.status(of: "a.csv"))
    try #require(unsafe chmod(shared.path + "/a.csv", 0o600) == 0)
    #expect(running.inbox.claimer.finishCopy(id, name: "a.csv", source: source) == nil)
    #expect(try running.folder.contents("a.csv") == "b")
    #expect(try work.contents("a.csv") == "a")
  }

  @Test func `a copied file of a task that was cancelled and put away is removed`() throws {
    let running = try RunningInbox(inboxPath: shared.path)
    try running.folder.append("a", to: "a.csv")
    let source = try #require(try running.folder.directory.status(of: "a.csv"))
    let claimer = running.inbox.claimer
    #expect(claimer.finishCopy(TaskID.make(), name: "a.csv", source: source) == nil)
    #expect(try running.folder.directory.entries() == [])
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED: only root can make another user's file"))
  func `a file that the sticky bit protects from us is not taken, and stops nothing`() async {
    await #expect(processExitsWith: .success) {
      let shared = OtherFileSystem.Folder()
      let running = try RunningInbox(inboxPath: shared.path)
      try running.folder.append("theirs", to: "theirs.csv")
      try running.folder.append("ours", to: "ours.csv")
      let us: uid_t = 65_534
      try #require(unsafe chmod(shared.path, 0o1777) == 0)
      try #require(unsafe chmod(running.work.path, 0o777) == 0)
      try #require(unsafe chown(shared.path + "/ours.csv", us, us) == 0)
      // The directories are open, so the rights of what lies above them do not count.
      try #require(seteuid(us) == 0)
      let left = try running.inbox.drain()
      #expect(running.claims.map(\.name) == ["ours.csv"])
      #expect(left.map(\.name) == ["theirs.csv"])
      #expect(left.allSatisfy { $0.sentence.contains("Operation not permitted") })
      #expect(try running.work.entries().count == 1)
      try #require(seteuid(0) == 0)
    }
  }
}

@Suite(
  .enabled(
    if: OtherFileSystem.isThere,
    "SKIPPED: /dev/shm and the temporary directory are one file system, so nothing is copied here"
  ))
struct StopTests {
  private let shared = OtherFileSystem.Folder()

  /// Over two pieces of a copy.
  private static let text = String(repeating: "Hey Jude,2024-01-01,3\n", count: 120_000)

  @Test(arguments: 1...6)
  func `a stop while a file is copied or compared removes the copy`(asked: Int) throws {
    let running = try RunningInbox(inboxPath: shared.path)
    try running.folder.append(Self.text, to: "a.csv")
    let seen = try #require(try running.folder.directory.status(of: "a.csv"))
    let left = Mutex(asked)
    var claimer = running.inbox.claimer
    claimer.isStopped = {
      left.withLock { left in
        left -= 1
        return left <= 0
      }
    }
    guard case .stopped = try claimer.claim("a.csv", seen: seen) else {
      Issue.record("it was not stopped")
      return
    }
    #expect(try running.work.entries() == [])
    #expect(try running.folder.contents("a.csv") == Self.text)
  }

  @Test func `a stop that comes after the copying ends the run without a claim`() throws {
    let inbox = Mutex<Inbox?>(nil)
    var interposed = Inbox.Interposed()
    interposed.afterCopying = { _ in inbox.withLock { $0?.stop() } }
    let running = try RunningInbox(inboxPath: shared.path, interposed: interposed)
    inbox.withLock { $0 = running.inbox }
    defer { inbox.withLock { $0 = nil } }
    try running.folder.append("a", to: "a.csv")
    #expect(try running.inbox.drain().map(\.name) == ["a.csv"])
    #expect(running.claims == [])
    #expect(try running.work.entries() == [])
  }

  @Test func `a stop while a source is compared before its removal leaves both as they are`() throws
  {
    let running = try RunningInbox(inboxPath: shared.path)
    let id = TaskID.make()
    let work = try Folder(try running.work.directory(Claimer.folderName(id)).path)
    try work.append("a", to: ".partial")
    try running.folder.append("a", to: "a.csv")
    let source = try #require(try running.folder.directory.status(of: "a.csv"))
    try running.folder.move("a.csv", to: running.folder, as: Claimer.takenName(id))
    var claimer = running.inbox.claimer
    claimer.isStopped = { true }
    #expect(claimer.finishCopy(id, name: "a.csv", source: source)?.code == ECANCELED)
    #expect(try running.folder.directory.entries() == [Claimer.takenName(id)])
    #expect(try work.contents(".partial") == "a")
    claimer.isStopped = { false }
    #expect(claimer.finishCopy(id, name: "a.csv", source: source) == nil)
    #expect(try work.contents("a.csv") == "a")
  }
}
