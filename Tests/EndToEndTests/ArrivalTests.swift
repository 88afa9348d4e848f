import Foundation
import TestSupport
import Testing

/// Every way in which a file comes into an inbox, through the real daemon.
extension EndToEnd {
  @Suite struct Arrivals {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// Writes in place, as cp does: create, write, close.
    private func copy(_ name: String, _ contents: String) throws {
      try Data(contents.utf8).write(to: URL(fileURLWithPath: sandbox.inbox + "/" + name))
    }

    /// Opens a file to write it; the test closes it.
    private func writer(_ path: String) throws -> FileHandle {
      if !FileManager.default.fileExists(atPath: path) {
        try Data().write(to: URL(fileURLWithPath: path))
      }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.seekToEnd()
      return handle
    }

    /// Returns when a file that came after now, and had to settle like every other, is done: what lay
    /// in the inbox before and was free to be taken has been taken.
    private func awaitTurn(_ name: String) async throws {
      try copy(name, Sandbox.plays(1, song: name))
      _ = try await sandbox.receipt(name)
    }

    private func expectOneTask(_ name: String, _ result: String) async throws {
      #expect(try await sandbox.receipt(name).status == "done")
      #expect(try sandbox.result(name) == result)
      let count = try await sandbox.value("SELECT COUNT(*) FROM manifest WHERE name = '\(name)'")
      #expect(count == "1")
      #expect(!FileManager.default.fileExists(atPath: sandbox.inbox + "/" + name))
    }

    @Test func `a file that is copied in is loaded`() async throws {
      let daemon = try await sandbox.daemon()
      try copy("a.csv", Sandbox.plays(3))
      try await expectOneTask("a.csv", Sandbox.total(3))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a file that is renamed in is loaded without settling`() async throws {
      // With a settle time this long, only a file that need not settle has a receipt in time.
      let daemon = try await sandbox.daemon(settle: "1h")
      try sandbox.drop("a.csv", Sandbox.plays(3))
      try await expectOneTask("a.csv", Sandbox.total(3))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a hard link into the inbox is loaded and its other name stays`() async throws {
      let daemon = try await sandbox.daemon()
      let original = sandbox.desk + "/original.csv"
      try Data(Sandbox.plays(4).utf8).write(to: URL(fileURLWithPath: original))
      try FileManager.default.linkItem(atPath: original, toPath: sandbox.inbox + "/a.csv")
      try await expectOneTask("a.csv", Sandbox.total(4))
      #expect(FileManager.default.fileExists(atPath: original))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a file that its writer holds open is not taken before it is closed`() async throws {
      let daemon = try await sandbox.daemon()
      let writer = try writer(sandbox.inbox + "/slow.csv")
      try writer.write(contentsOf: Data("Song,Date,Number of Plays\nA,d,1\n".utf8))
      try await awaitTurn("turn-1.csv")
      #expect(try sandbox.names(in: sandbox.inbox) == ["slow.csv"])
      try writer.write(contentsOf: Data("A,d,10\n".utf8))
      try await awaitTurn("turn-2.csv")
      #expect(try sandbox.names(in: sandbox.inbox) == ["slow.csv"])
      try writer.write(contentsOf: Data("A,d,100\n".utf8))
      try writer.close()
      try await expectOneTask("slow.csv", Sandbox.total(111, song: "A", date: "d"))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a file that is appended to in several opens is loaded once and whole`() async throws
    {
      // The opens follow each other at once; the file holds still only after the last.
      let daemon = try await sandbox.daemon(settle: "500ms")
      try copy("log.csv", "Song,Date,Number of Plays\n")
      for _ in 1...20 {
        let writer = try writer(sandbox.inbox + "/log.csv")
        try writer.write(contentsOf: Data("A,d,1\n".utf8))
        try writer.close()
      }
      try await expectOneTask("log.csv", Sandbox.total(20, song: "A", date: "d"))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a file renamed over one that is still being written replaces it`() async throws {
      let daemon = try await sandbox.daemon()
      let writer = try writer(sandbox.inbox + "/a.csv")
      try writer.write(contentsOf: Data("Song,Date,Number of Plays\nOld,d,1\n".utf8))
      try Data(Sandbox.plays(5).utf8).write(to: URL(fileURLWithPath: sandbox.desk + "/new"))
      let moved = try await run("/bin/mv", [sandbox.desk + "/new", sandbox.inbox + "/a.csv"])
      #expect(moved.end == .exit(0))
      try await expectOneTask("a.csv", Sandbox.total(5))
      try writer.close()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: ["a.csv.part", "a.csv.tmp", ".a.csv", "a.csv.filepart", "a.csv~"])
    func `a file under a temporary name is taken when it is renamed`(name: String) async throws {
      let daemon = try await sandbox.daemon()
      try copy(name, Sandbox.plays(6))
      try await awaitTurn("turn.csv")
      #expect(FileManager.default.fileExists(atPath: sandbox.inbox + "/" + name))
      try FileManager.default.moveItem(
        atPath: sandbox.inbox + "/" + name, toPath: sandbox.inbox + "/a.csv")
      try await expectOneTask("a.csv", Sandbox.total(6))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a file renamed in while its writer holds it open waits for the writer`()
      async throws
    {
      let daemon = try await sandbox.daemon()
      let writer = try writer(sandbox.desk + "/a")
      try writer.write(contentsOf: Data("Song,Date,Number of Plays\nA,d,1\n".utf8))
      try FileManager.default.moveItem(
        atPath: sandbox.desk + "/a", toPath: sandbox.inbox + "/a.csv")
      try await awaitTurn("turn.csv")
      #expect(try sandbox.names(in: sandbox.inbox) == ["a.csv"])
      try writer.write(contentsOf: Data("A,d,2\n".utf8))
      try writer.close()
      try await expectOneTask("a.csv", Sandbox.total(3, song: "A", date: "d"))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `files that came while no daemon ran are loaded at the next start`() async throws {
      try copy("copied.csv", Sandbox.plays(1, song: "A"))
      try sandbox.drop("moved.csv", Sandbox.plays(2, song: "B"))
      let daemon = try await sandbox.daemon()
      try await expectOneTask("copied.csv", Sandbox.total(1, song: "A"))
      try await expectOneTask("moved.csv", Sandbox.total(2, song: "B"))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a file moved in from another file system is loaded whole`() async throws {
      let other = try Sandbox(root: Sandbox.memory)
      let daemon = try await sandbox.daemon()
      try Data(Sandbox.plays(7).utf8).write(to: URL(fileURLWithPath: other.desk + "/a.csv"))
      let moved = try await run("/bin/mv", [other.desk + "/a.csv", sandbox.inbox + "/a.csv"])
      #expect(moved.end == .exit(0))
      try await expectOneTask("a.csv", Sandbox.total(7))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `an inbox on another file system than the state works alike`() async throws {
      let split = try Sandbox(inboxRoot: Sandbox.memory)
      let daemon = try await split.daemon()
      for number in 1...20 {
        try split.drop("\(number).csv", Sandbox.plays(number, song: "Song \(number)"))
      }
      try await split.awaitAllFinished(20)
      #expect(try await split.statuses() == ["done": 20])
      #expect(try await split.playsSum() == 210)
      #expect(try split.names(in: split.inbox).isEmpty)
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
