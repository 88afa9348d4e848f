import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Closing any descriptor of the database file would drop SQLite's locks on it, silently
  /// (https://www.sqlite.org/howtocorrupt.html, 2.2); the lock that each open connection of a log has on it shows that nobody
  /// did.
  @Suite struct DatabaseLocks {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let bad = "Song,Date,Number of Plays\nA,d,x\n"

    private func expectLock(
      of process: Int32, _ moment: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: sandbox.state + "/watchd.db")
      let file = try #require(attributes[.systemFileNumber] as? Int)
      let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
      #expect(
        locks.split(separator: "\n").contains {
          $0.contains("POSIX") && $0.contains(" READ \(process) ") && $0.contains(":\(file) ")
        }, "\(moment): \(locks)", sourceLocation: sourceLocation)
    }

    private func watchctl(_ arguments: String...) async throws {
      let outcome = try await sandbox.watchctl(arguments)
      #expect(outcome.end == .exit(0), "\(arguments): \(outcome.errorText)")
    }

    private func corrected() throws -> String {
      let path = sandbox.desk + "/corrected.csv"
      try Data(Sandbox.plays(7).utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    @Test func `nothing in the daemon opens the database file but SQLite`() async throws {
      let config = sandbox.desk + "/watchd.yaml"
      try Data("retention: off\n".utf8).write(to: URL(fileURLWithPath: config))
      let (daemon, door) = try await sandbox.openDoor(["--config", config, "--memory", "16MiB"])
      try sandbox.drop("a.csv", Sandbox.plays(3))
      let receipt = try await sandbox.receipt("a.csv")
      try sandbox.drop("failing.csv", Self.bad)
      try await sandbox.awaitAllFinished(2)
      try expectLock(of: daemon.processID, "files are done")
      for path in [
        "/tasks", "/tasks/\(receipt.taskID)", "/tasks/\(receipt.taskID)/events", "/totals",
        "/tasks/failing.csv/rejects", "/result/a.csv", "/result/a.csv/rows", "/metrics", "/readyz",
      ] {
        #expect(try await door.get(path).status == 200, "\(path)")
        try expectLock(of: daemon.processID, path)
      }
      #expect(try await door.put("b.csv", Data(Sandbox.plays(5).utf8)).status == 202)
      try await sandbox.awaitAllFinished(3)
      try expectLock(of: daemon.processID, "an upload is done")
      try await watchctl("retry", "failing.csv", "--file", try corrected())
      try await sandbox.awaitAllFinished(3)
      try expectLock(of: daemon.processID, "a task is done again")
      try sandbox.moveIn(try await sandbox.generate(rows: 1_500_000))
      try await eventually("rows are read") {
        try await sandbox.value("SELECT 1 AS n FROM manifest WHERE rows_read > 10") == "1"
      }
      try await watchctl("cancel", "large.csv")
      try expectLock(of: daemon.processID, "a task is cancelled")
      try await watchctl("forget", "b.csv")
      try await watchctl("prune", "--older-than", "0s")
      try await watchctl("backup", sandbox.desk + "/copy")
      try expectLock(of: daemon.processID, "old tasks are removed")
      try Data("retention: 1s\n".utf8).write(to: URL(fileURLWithPath: config))
      daemon.hangUp()
      try sandbox.drop("c.csv", Sandbox.plays(9))
      try await eventually("the settings are read anew, and the retention is applied") {
        try daemon.log().contains { $0.message == "removed what is older than the retention" }
      }
      try expectLock(of: daemon.processID, "the retention is applied")
      #expect(try await daemon.stop() == .exit(0))
    }

    /// At the last that each does: the checkpoint of its end, which syncs the file.
    @Test func `nor does anything in a watchctl that acts by itself`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(3))
      try sandbox.drop("failing.csv", Self.bad)
      #expect(try await sandbox.once().end == .exit(1))
      let fault = Fault(action: .stop, calls: [.sync], number: 1, path: "/watchd.db$")
      for (number, command) in [
        ["retry", "failing.csv", "--file", try corrected()], ["cancel", "failing.csv"],
        ["forget", "a.csv"], ["prune", "--older-than", "0s"],
      ].enumerated() {
        let report = sandbox.desk + "/report-\(number)"
        let process = try ChildProcess(
          Programs.watchctl, ["--state", sandbox.state] + command,
          environment: fault.environment(report: report))
        try await eventually("\(command) is at its end") {
          if process.isRunning { return try process.isStopped() }
          throw NeverHappened(String(decoding: try process.standardError(), as: UTF8.self))
        }
        try expectLock(of: process.processID, "\(command)")
        process.send(SIGCONT)
        #expect(try await process.end() == .exit(0), "\(command)")
      }
    }
  }
}
