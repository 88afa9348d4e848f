import Foundation
import Glibc
import TestSupport
import Testing

/// Settings that change while the daemon runs.
extension EndToEnd {
  @Suite struct Reloads {
    private let sandbox: Sandbox
    private let manager: DatagramSocket
    private let config: String

    /// One good row and one bad.
    private static let mixed = "Song,Date,Number of Plays\na,2024-01-01,1\na,2024-01-01,x\n"

    init() throws {
      sandbox = try Sandbox()
      manager = try DatagramSocket()
      config = sandbox.desk + "/watchd.yaml"
    }

    /// Replaces the file as a careful editor does.
    private func write(_ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: config), options: .atomic)
    }

    private func daemon() async throws -> RunningDaemon {
      let daemon = try RunningDaemon(
        sandbox.flags() + ["--config", config], environment: ["NOTIFY_SOCKET": manager.address])
      try await daemon.awaitReady()
      return daemon
    }

    /// Awaits the end of the reload that was asked for; returns the status that it left.
    private func awaitReload() async throws -> String {
      var all: [String] = []
      return try await eventually("RELOADING, READY and a status") {
        all += try manager.lines()
        guard let start = all.firstIndex(where: { $0 == "RELOADING=1" }),
          let end = all[start...].firstIndex(of: "READY=1"), all.count > end + 1
        else { return nil }
        return all[end + 1]
      }
    }

    private func status(of name: String) async throws -> String {
      try sandbox.drop(name, Self.mixed + "\(name),2024-01-02,1\n")
      return try await sandbox.receipt(name).status
    }

    @Test func `a hang-up has the file read anew, and what it says holds from the next task on`()
      async throws
    {
      try write("max-rejects: 0\n")
      let daemon = try await daemon()
      #expect(try await status(of: "a.csv") == "failed")
      _ = try manager.lines()
      try write("max-rejects: 5\n")
      daemon.hangUp()
      #expect(!(try await awaitReload()).contains("settings"))
      #expect(try await status(of: "b.csv") == "done")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a changed file is read anew without being told`() async throws {
      try write("max-rejects: 0\n")
      let daemon = try await daemon()
      _ = try manager.lines()
      try write("max-rejects: 5\n")
      _ = try await awaitReload()
      #expect(try await status(of: "b.csv") == "done")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: [
      ("max-rejects: 5\nlog-level: loud\n", "log-level cannot be"),
      ("max-rejects: 5\nmax-reject: 5\n", "did you mean"),
      ("max-rejects: 5\nworkers: 0\n", "workers cannot be"),
      ("max-rejects: [5\n", "it is not YAML"),
    ])
    func `a file that cannot be used changes nothing, not even by its good lines`(
      text: String, reason: String
    ) async throws {
      try write("max-rejects: 0\n")
      let daemon = try await daemon()
      _ = try manager.lines()
      try write(text)
      daemon.hangUp()
      let told = try await awaitReload()
      #expect(told.contains("all settings stay as they were: "))
      #expect(told.contains(reason))
      #expect(try await status(of: "a.csv") == "failed")
      #expect(
        try daemon.log().contains {
          $0.level == "error" && $0.message == "all settings stay as they were"
        })
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `what needs a restart is named, and the rest holds`() async throws {
      try write("max-rejects: 0\nworkers: 2\n")
      let daemon = try await daemon()
      _ = try manager.lines()
      try write("max-rejects: 5\nworkers: 3\nmemory: 64MiB\n")
      daemon.hangUp()
      #expect(try await awaitReload().hasSuffix("; after a restart only: workers, memory"))
      #expect(try await status(of: "b.csv") == "done")
      #expect(
        try daemon.logText().contains { $0.contains("\"settings\":\"workers, memory\"") })
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `the hooks and the inbox have the new settings as the pipeline has`() async throws {
      try write("max-rejects: 0\nrescan: 1h\n")
      let (daemon, door) = try await sandbox.openDoor(["--config", config])
      let before = try await door.metric("watchd_inbox_rescans_total")
      let told = sandbox.desk + "/told"
      try write("max-rejects: 5\nrescan: 200ms\non-done: /bin/cp /dev/stdin \(told)\n")
      daemon.hangUp()
      try await eventually("the inbox is looked through again and again") {
        try await door.metric("watchd_inbox_rescans_total") > before + 2
      }
      #expect(try await status(of: "b.csv") == "done")
      try await eventually("the hook has the receipt") {
        try FileManager.default.fileExists(atPath: told)
          && String(contentsOfFile: told, encoding: .utf8) == sandbox.result("b.csv.receipt.json")
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `the level of the log changes for all that is logged from then on`() async throws {
      try write("log-level: warning\n")
      let quiet = try RunningDaemon(
        sandbox.flags() + ["--config", config], environment: ["NOTIFY_SOCKET": manager.address])
      try await eventually("it is ready") { try manager.lines().contains("READY=1") }
      try sandbox.drop("a.csv", Sandbox.plays(1))
      _ = try await sandbox.receipt("a.csv")
      #expect(try quiet.log().isEmpty)
      try write("log-level: info\n")
      quiet.hangUp()
      _ = try await awaitReload()
      try sandbox.drop("b.csv", Sandbox.plays(2))
      _ = try await sandbox.receipt("b.csv")
      try await eventually("the second file's end is logged") {
        try quiet.log().contains { $0.message == "done" }
      }
      #expect(try await quiet.stop() == .exit(0))
    }

    @Test func `without a file, a hang-up ends it in order`() async throws {
      let daemon = try await sandbox.daemon()
      #expect(try await daemon.stop(SIGHUP) == .exit(0))
    }
  }
}
