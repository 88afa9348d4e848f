import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What must not stop the daemon, nor make it say what is not so.
  @Suite struct Trouble {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test func `a port that is taken ends the daemon with a sentence that names it`() async throws {
      let other = try Sandbox()
      let first = try await other.daemon(["--http", "127.0.0.1:0"])
      var port: String?
      try await eventually("the first daemon says where HTTP answers") {
        let line = try first.logText().first { $0.contains("\"message\":\"http\"") }
        port = line?.split(separator: "127.0.0.1:").last.map {
          String($0.prefix(while: \.isNumber))
        }
        return port != nil
      }
      let address = "127.0.0.1:\(try #require(port))"
      let second = try await run(
        Programs.watchd, sandbox.flags() + ["--http", address, "--log-format", "json"],
        within: .seconds(30))
      #expect(second.end == .exit(2))
      #expect(second.errorText.contains("cannot answer HTTP on \(address)"), "\(second.errorText)")
      #expect(try await first.stop() == .exit(0))
    }

    @Test func `a log that cannot be written does not end the daemon`() async throws {
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      let command = ([Programs.watchd] + sandbox.flags() + ["--once"])
        .map { "'\($0)'" }.joined(separator: " ")
      let outcome = try await run("/bin/sh", ["-c", "\(command) 2>/dev/full"])
      #expect(outcome.end == .exit(0))
      #expect(try sandbox.result("plays.csv") == Sandbox.total(1))
    }

    @Test func `an end whose reason cannot be written has its exit code`() async throws {
      for (program, arguments) in [
        (Programs.watchd, sandbox.flags() + ["--once", "--outbox", sandbox.inbox]),
        (Programs.watchctl, ["process", sandbox.desk + "/nowhere.csv"]),
      ] {
        let command = ([program] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let whole = try await run("/bin/sh", ["-c", command])
        let mute = try await run("/bin/sh", ["-c", "\(command) 2>/dev/full"])
        #expect(!whole.errorText.isEmpty)
        #expect(mute.end == whole.end)
      }
    }

    @Test func `a result is never another task's`() async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      let first = try await sandbox.receipt("plays.csv")
      for name in ["plays.csv", "plays.csv.receipt.json"] {
        try FileManager.default.removeItem(atPath: sandbox.outbox + "/" + name)
      }
      let taken = try await sandbox.watchctl(["result", first.taskID])
      #expect(taken.end == .exit(1))
      #expect(taken.errorText.contains("no longer in"), "\(taken.errorText)")
      try sandbox.drop("plays.csv", Sandbox.plays(2))
      let second = try await sandbox.receipt("plays.csv")
      let replaced = try await sandbox.watchctl(["result", first.taskID])
      #expect(replaced.end == .exit(1))
      #expect(replaced.standardOutput.isEmpty)
      #expect(replaced.errorText.contains("is another file by now"), "\(replaced.errorText)")
      let current = try await sandbox.watchctl(["result", second.taskID])
      #expect(current.output == Sandbox.total(2))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `an outbox that is replaced under the daemon is used from then on`() async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("first.csv", Sandbox.plays(1))
      _ = try await sandbox.receipt("first.csv")
      try FileManager.default.moveItem(atPath: sandbox.outbox, toPath: sandbox.outbox + ".old")
      try sandbox.drop("second.csv", Sandbox.plays(2))
      _ = try await sandbox.receipt("second.csv")
      #expect(try sandbox.names(in: sandbox.outbox) == ["second.csv", "second.csv.receipt.json"])
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a run that has to leave a file says so and does not exit 0`() async throws {
      try sandbox.drop("good.csv", Sandbox.plays(1))
      let path = sandbox.inbox + "/open.csv"
      #expect(FileManager.default.createFile(atPath: path, contents: Data("Song".utf8)))
      let writer = try #require(FileHandle(forWritingAtPath: path))
      let outcome = try await sandbox.once()
      try writer.close()
      #expect(outcome.end == .exit(1))
      #expect(outcome.errorText.contains("1 file was left in the inbox: open.csv"))
      #expect(try sandbox.result("good.csv") == Sandbox.total(1))
    }
  }
}
