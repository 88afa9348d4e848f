import Foundation
import TestSupport
import Testing

extension Disasters {
  /// A real disk without room: a small file system in memory, filled by somebody else.
  @Suite(.enabled(Comment(rawValue: Mount.reason)) { await Mount.isPermitted() })
  struct FullDisk {
    /// Fills the file system of a folder to the last byte; the file's removal makes room.
    private func fill(_ folder: String) throws -> String {
      let path = folder + "/somebody-elses"
      try Data().write(to: URL(fileURLWithPath: path))
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      defer { file.closeFile() }
      for size in [64 << 10, 4096, 1] {
        let block = Data(repeating: 1, count: size)
        var isFull = false
        while !isFull {
          do { try file.write(contentsOf: block) } catch { isFull = true }
        }
      }
      return path
    }

    private func expectWaiting(_ daemon: RunningDaemon, for what: String) async throws {
      // Twice: it tries again by itself, and goes on doing so.
      try await eventually("watchd says again that there is no room for \(what)") {
        try daemon.logText().count {
          $0.contains("No space left on device") || $0.contains("no room")
        } > 1
      }
      let log = try daemon.logText()
      #expect(daemon.isRunning, "\(log)")
    }

    @Test func `with a full outbox a file waits, status says why, and it goes on by itself`()
      async throws
    {
      let disk = try await Mount.memory(bytes: 1 << 20)
      let sandbox = try Sandbox()
      defer { withExtendedLifetime(disk) {} }
      let outbox = disk.path + "/outbox"
      let (daemon, door) = try await sandbox.openDoor(["--outbox", outbox])
      let filler = try fill(outbox)
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await expectWaiting(daemon, for: "the result")
      try await eventually("watchctl says why the file waits") {
        let status = try await sandbox.watchctl(["status", "plays.csv"])
        return status.end == .exit(0) && status.output.contains("No space left on device")
      }
      let (why, table) = (
        try await sandbox.watchctl(["why", "plays.csv"]), try await sandbox.watchctl(["status"])
      )
      #expect(why.output.contains("No space left on device"), "\(why.output)")
      #expect(table.output.contains("waits for attempt "), "\(table.output)")
      let metrics = try await door.get("/metrics").text
      #expect(metrics.contains("watchd_tasks_waiting{reason=\"space\"} 1"), "\(metrics)")
      #expect(!metrics.contains("watchd_attempts_failed_total{reason=\"space\"} 0"))
      #expect(try await sandbox.statuses()["failed"] == nil)
      try FileManager.default.removeItem(atPath: filler)
      try await sandbox.awaitAllFinished(1)
      #expect(try await daemon.stop() == .exit(0))
      #expect(try await sandbox.statuses() == ["done": 1])
      let result = try String(contentsOfFile: outbox + "/plays.csv", encoding: .utf8)
      #expect(result == Sandbox.total(1))
    }

    @Test func `below min-free nothing is taken, why says so, and all goes on once there is room`()
      async throws
    {
      let disk = try await Mount.memory(bytes: 16 << 20)
      let sandbox = try Sandbox(on: disk)
      let filler = try fill(sandbox.desk)
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: filler))
      // Room for the daemon and its file, and yet less than is to stay free.
      try handle.truncate(atOffset: 8 << 20)
      let daemon = try await sandbox.daemon(["--min-free", "12MiB", "--rescan", "200ms"])
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await eventually("watchd says that nothing is taken") {
        try daemon.logText().contains { $0.contains("no file is taken") }
      }
      #expect(try sandbox.names(in: sandbox.inbox) == ["plays.csv"])
      #expect(try await sandbox.statuses() == [:])
      try handle.truncate(atOffset: 0)
      try handle.close()
      try await sandbox.awaitAllFinished(1)
      #expect(try await daemon.stop() == .exit(0))
      #expect(try sandbox.result("plays.csv") == Sandbox.total(1))
    }

    /// Inbox, state and outbox on one full disk: the files can be taken, which needs no room, and not be
    /// recorded; and after a kill the same.
    @Test func `with a full disk files wait, also over a kill, and all count once room is there`()
      async throws
    {
      let disk = try await Mount.memory(bytes: 4 << 20)
      let sandbox = try Sandbox(on: disk)
      let flags = ["--rescan", "1s"]
      let first = try await sandbox.daemon(flags)
      let kept = try await Self.keptRoom(of: sandbox)
      first.freeze()
      for number in 1...40 {
        try sandbox.drop("\(number).csv", Sandbox.plays(1, song: "Song \(number)"))
      }
      let filler = try fill(sandbox.desk)
      first.thaw()
      try await expectWaiting(first, for: "the database (the log has \(kept) bytes)")
      try await first.kill()
      let second = try RunningDaemon(sandbox.flags() + flags)
      try await eventually("the second start waits for room, or finds some") {
        try second.logText().contains {
          $0.contains("watchd cannot start yet") || $0.contains("\"ready\"")
        }
      }
      #expect(try await sandbox.statuses()["failed"] == nil)
      try FileManager.default.removeItem(atPath: filler)
      try await sandbox.awaitAllFinished(40)
      #expect(try await second.stop() == .exit(0))
      #expect(try await sandbox.statuses() == ["done": 40])
      #expect(try await sandbox.playsSum() == 40)
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
      #expect(try sandbox.names(in: sandbox.outbox).count == 80)
    }

    @Test
    func `a first start on a full disk waits and says so, goes on with room, and with --once ends`()
      async throws
    {
      let disk = try await Mount.memory(bytes: 1 << 20)
      let sandbox = try Sandbox(on: disk)
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      let filler = try fill(sandbox.desk)
      let once = try await sandbox.once(within: .seconds(60))
      #expect(once.end == .exit(2), "\(once.errorText)")
      let manager = try DatagramSocket()
      let daemon = try RunningDaemon(
        sandbox.flags(), environment: ["NOTIFY_SOCKET": manager.address])
      try await eventually("watchd says twice that it waits") {
        try daemon.logText().count { $0.contains("watchd cannot start yet") } > 1
      }
      #expect(daemon.isRunning)
      // Each attempt is a step, for which the service manager gives it time.
      var told: [String] = []
      try await eventually("it asks twice for more time") {
        told += try manager.lines()
        return told.count { $0.hasPrefix("EXTEND_TIMEOUT") } > 1
      }
      #expect(!told.contains("READY=1"), "\(told)")
      try FileManager.default.removeItem(atPath: filler)
      try await daemon.awaitReady()
      try await sandbox.awaitAllFinished(1)
      #expect(try await daemon.stop() == .exit(0))
      #expect(try sandbox.result("plays.csv") == Sandbox.total(1))
    }

    /// What the database's log holds already, and may be written over without more room.
    private static func keptRoom(of sandbox: Sandbox) async throws -> Int {
      try Data(contentsOf: URL(fileURLWithPath: sandbox.state + "/watchd.db-wal")).count
    }
  }
}
