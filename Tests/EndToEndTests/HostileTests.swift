import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Hostile hands, one case a line of a table; whatever they do, each file counts whole and once, or fails with a reason.
  ///
  /// What else senders and machines do has tests of its own: slow writers, temporary names and hard links (`Arrival`),
  /// equal bytes (`Duplicates`), lost events and lost folders (`LossTests`), rights (`CandidateTests`), kills and stops
  /// (`Endings`, `Disasters`), full disks (`Disasters.FullDisk`), readers and foreign files of the outbox (`Outbox`),
  /// hostile names and files that are none (`Names`), hostile contents (the tables of `CSVTests`).
  @Suite struct Hostile {
    @Test(arguments: HostileCase.senders)
    func `whatever a sender does, a file counts whole and once or fails with a reason`(
      _ one: HostileCase
    ) async throws {
      try await play(one)
    }

    @Test(arguments: HostileCase.machine)
    func `whatever is done to its folders, a file counts whole and once`(_ one: HostileCase)
      async throws
    {
      try await play(one)
    }

    @Test(arguments: HostileCase.database)
    func `whatever is done to its database, nothing is lost and nothing is written to another`(
      _ one: HostileCase
    ) async throws {
      try await play(one)
    }

    @Test(
      .enabled(Comment(rawValue: Mount.reason)) { await Mount.isPermitted() },
      arguments: HostileCase.mounts)
    func `whatever is mounted over its folders, a file counts whole and once`(_ one: HostileCase)
      async throws
    {
      try await play(one)
    }

    @Test
    func `a log that was removed is written to no more, and a restart has all that was committed`()
      async throws
    {
      try await removeLog { daemon in
        let end = try await daemon.stop()
        #expect(end == .exit(0))
      }
    }

    /// A kill takes the removed log with it, and what was committed is in the database by then.
    @Test func `once it says that its log was removed, a kill loses nothing either`() async throws {
      try await removeLog { daemon in try await daemon.kill() }
    }

    /// Removes the log under a daemon, which ends in some way once it has said so: the next one has all.
    private func removeLog(end: (RunningDaemon) async throws -> Void) async throws {
      let sandbox = try Sandbox()
      let daemon = try await sandbox.daemon(["--rescan", "200ms"])
      try sandbox.drop("before.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      try FileManager.default.removeItem(atPath: sandbox.state + "/watchd.db-wal")
      try sandbox.drop("while.csv", Sandbox.plays(2))
      try await eventually("watchd says that the log was removed") {
        try daemon.logText().contains { $0.contains("watchd.db-wal was moved, removed") }
      }
      try await end(daemon)
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.statuses() == ["done": 2])
      #expect(try await sandbox.playsSum() == 3)
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
    }

    private func play(_ one: HostileCase) async throws {
      let sandbox = try Sandbox()
      let manager = one.isOverseen ? try DatagramSocket() : nil
      let daemon = try await sandbox.daemon(
        ["--rescan", "200ms"] + (one.isOverseen ? ["--http", "127.0.0.1:0"] : []),
        environment: manager.map { ["NOTIFY_SOCKET": $0.address] } ?? [:])
      try await one.act(HostileSite(sandbox: sandbox, daemon: daemon, manager: manager))
      #expect(daemon.isRunning)
      #expect(try await daemon.stop() == .exit(0))
      // Nothing is left half-done, or waits for nobody.
      #expect(try await sandbox.statuses().keys.allSatisfy { $0 != "queued" && $0 != "running" })
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
      #expect(
        try await sandbox.value(
          "SELECT (SELECT COUNT(*) FROM play_rows) - (SELECT COUNT(*) FROM plays)") == "0")
      let left = try FileManager.default.subpathsOfDirectory(atPath: sandbox.state + "/work")
      let log = try daemon.log().filter { $0.level != "info" }
      #expect(left == [], "\(log)")
      #expect(try sandbox.names(in: sandbox.inbox) == [])
      let hidden = try FileManager.default.contentsOfDirectory(atPath: sandbox.outbox)
        .filter { $0.hasPrefix(".watchd-") }
      #expect(hidden == [])
    }
  }
}
