import Files
import Foundation
import Glibc
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import Inbox

/// An inbox on a tmpfs, the state on the disk.
enum OtherFileSystem {
  /// A folder there that is removed with the value.
  final class Folder: Sendable {
    let path = "/dev/shm/watchd-test-\(UUID().uuidString)"

    deinit {
      guard FileManager.default.fileExists(atPath: path) else { return }
      do {
        try FileManager.default.removeItem(atPath: path)
      } catch {
        print("left behind: \(path): \(error)")
      }
    }
  }

  /// Whether this machine has one; what needs it is skipped with this sentence where it has not.
  static let isThere: Bool = {
    do {
      let shared = try Directory.open("/dev/shm", create: false).status().device
      let temporary = try Directory.open(NSTemporaryDirectory(), create: false).status().device
      return shared != temporary
    } catch {
      return false
    }
  }()
}

extension WatchedInbox {
  @Suite(
    .enabled(
      if: OtherFileSystem.isThere,
      "SKIPPED: /dev/shm and the temporary directory are one file system, so nothing is copied here"
    ))
  struct Copied {
    private let shared = OtherFileSystem.Folder()

    @Test func `a file from another file system is copied whole and then removed there`()
      async throws
    {
      let running = try RunningInbox(inboxPath: shared.path)
      try await running.start()
      // Over one buffer, and not a multiple of it.
      let text = String(repeating: "Hey Jude,2024-01-01,3\n", count: 100_000)
      try running.outside.append(text, to: "big.csv")
      try running.folder.append(text, to: ".big")
      try running.folder.move(".big", to: running.folder, as: "big.csv")
      try running.folder.append("", to: "empty.csv")
      let claims = try await running.awaitClaims(2)
      for claim in claims {
        #expect(claim.source?.size == claim.size)
      }
      try running.stop()
      #expect(try running.taken().sorted().map(\.contents) == [text, ""])
      #expect(try running.folder.directory.entries() == [])
      for entry in try running.work.entries() {
        #expect(try running.work.directory(entry).entries().count == 1)
      }
    }

    @Test func `a file that changes while it is copied is copied again when it has settled`()
      async throws
    {
      let changes = Mutex(2)
      let folder = try Folder(shared.path)
      var interposed = Inbox.Interposed()
      interposed.afterCopying = { name in
        let changesNow = changes.withLock { changes in
          changes -= 1
          return changes >= 0
        }
        guard changesNow else { return }
        do {
          try folder.append("more", to: name)
        } catch {
          Issue.record(error)
        }
      }
      let running = try RunningInbox(inboxPath: shared.path, interposed: interposed)
      try await running.start()
      try folder.append("some", to: "a.csv")
      let claims = try await running.awaitClaims(1)
      #expect(claims.map(\.size) == [12])
      try running.stop()
      #expect(try running.taken().map(\.contents) == ["somemoremore"])
      #expect(try running.work.entries().count == 1)
    }

    @Test func `a file that came under the name before the source was removed is not lost`() throws
    {
      let running = try RunningInbox(inboxPath: shared.path)
      let id = TaskID.make()
      let folder = try running.work.directory(Claimer.folderName(id))
      try Folder(folder.path).append("old", to: ".partial")
      try running.folder.append("old", to: "a.csv")
      let source = try #require(try running.folder.directory.status(of: "a.csv"))
      try running.folder.append("newer", to: ".a")
      try running.folder.move(".a", to: running.folder, as: "a.csv")
      #expect(
        running.inbox.claimer.finishCopy(id, name: "a.csv", source: source) == nil)
      #expect(try running.folder.contents("a.csv") == "newer")
      #expect(try folder.entries() == ["a.csv"])
    }

    @Test(arguments: [false, true])
    func `another file that was taken for removal by mistake is given back`(
      isNameTaken: Bool
    ) throws {
      let running = try RunningInbox(inboxPath: shared.path)
      let id = TaskID.make()
      let folder = try running.work.directory(Claimer.folderName(id))
      try Folder(folder.path).append("old", to: ".partial")
      try running.folder.append("old", to: "a.csv.gz")
      let source = try #require(try running.folder.directory.status(of: "a.csv.gz"))
      try running.folder.append("newer", to: Claimer.takenName(id))
      try running.folder.directory.remove("a.csv.gz")
      if isNameTaken { try running.folder.append("newest", to: "a.csv.gz") }
      #expect(
        running.inbox.claimer.finishCopy(id, name: "a.csv.gz", source: source) == nil)
      let back = isNameTaken ? Claimer.fileName("\(id).csv.gz") : "a.csv.gz"
      #expect(try running.folder.contents(back) == "newer")
      #expect(try running.folder.directory.entries().count == (isNameTaken ? 2 : 1))
      #expect(try folder.entries() == ["a.csv.gz"])
    }
  }
}
