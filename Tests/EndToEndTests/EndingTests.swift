import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// What must hold whatever ends the daemon, and however many of them are started.
  @Suite struct Endings {
    private let sandbox: Sandbox
    private let inputs: String

    init() throws {
      sandbox = try Sandbox()
      inputs = sandbox.desk + "/inputs"
      try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: false)
    }

    /// Drops a file that takes long enough for a signal to come in the middle; returns its size.
    private func dropLarge(rows: Int) async throws -> Int {
      let path = inputs + "/large.csv"
      let made = try await Programs.python(
        "inputs.py", ["large", "201", "\(rows)", "2000", path])
      #expect(made.end == .exit(0))
      let staged = sandbox.desk + "/large.csv"
      try FileManager.default.copyItem(atPath: path, toPath: staged)
      try FileManager.default.moveItem(atPath: staged, toPath: sandbox.inbox + "/large.csv")
      return try Data(contentsOf: URL(fileURLWithPath: path)).count
    }

    private func expectExactlyOnce(_ flags: [String] = []) async throws {
      #expect(try await sandbox.once(flags).end == .exit(0))
      #expect(try await sandbox.differences(from: inputs) == [])
      #expect(try await sandbox.databaseDifferences(from: inputs, flags) == [])
      #expect(try await sandbox.statuses() == ["done": 1])
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
    }

    private func statusOfLarge() async throws -> String? {
      try await sandbox.value("SELECT status FROM manifest WHERE name = 'large.csv'")
    }

    @Test(arguments: [("totals", 1_500_000), ("rows", 400_000)])
    func `kill -9 in the middle of a large file costs nothing and counts nothing twice`(
      keep: String, rows: Int
    ) async throws {
      let size = try await dropLarge(rows: rows)
      for part in [0.1, 0.5, 0.8] {
        let daemon = try await sandbox.daemon(["--keep", keep])
        try await daemon.awaitRead(bytes: Int(Double(size) * part))
        try await daemon.kill()
        #expect(try await statusOfLarge() == "running", "the kill came too late to test anything")
        #expect(try await sandbox.value("SELECT COUNT(*) FROM plays") == "0")
        #expect(try sandbox.names(in: sandbox.outbox) == [])
      }
      try await expectExactlyOnce(["--keep", keep])
    }

    /// Small files, so that the kills fall on claims, commits and renames rather than on reading.
    @Test func `kill -9 again and again while small files are processed loses none`() async throws {
      let made = try await Programs.python("inputs.py", ["many", "400", inputs])
      #expect(made.end == .exit(0))
      for name in try sandbox.names(in: inputs) {
        try FileManager.default.copyItem(
          atPath: inputs + "/" + name, toPath: sandbox.inbox + "/" + name)
      }
      for round in 1...6 {
        let daemon = try RunningDaemon(sandbox.flags())
        try await eventually(within: .seconds(60), "\(round * 20) receipts") {
          try sandbox.names(in: sandbox.outbox).count >= round * 40
        }
        try await daemon.kill()
      }
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.differences(from: inputs) == [])
      #expect(try await sandbox.databaseDifferences(from: inputs) == [])
      #expect(try await sandbox.statuses() == ["done": 400])
      #expect(try await sandbox.playsSum() == 400)
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work") == [])
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a stop in the middle of a large file is prompt and the next start finishes it`(
      signal: Int32
    ) async throws {
      let size = try await dropLarge(rows: 1_000_000)
      let daemon = try await sandbox.daemon()
      try await daemon.awaitRead(bytes: size / 2)
      #expect(try await daemon.stop(signal, within: .seconds(10)) == .exit(0))
      let left = try await statusOfLarge()
      #expect(left == "queued" || left == "running", "the signal came too late to test anything")
      #expect(try sandbox.names(in: sandbox.outbox) == [])
      try await expectExactlyOnce()
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `an idle daemon stops when it is asked to`(signal: Int32) async throws {
      let daemon = try await sandbox.daemon()
      #expect(try await daemon.stop(signal, within: .seconds(10)) == .exit(0))
    }

    @Test func `a second daemon on one state directory says so and leaves the first in peace`()
      async throws
    {
      let first = try await sandbox.daemon()
      let other = try Sandbox()
      let second = try await run(
        Programs.watchd,
        ["--inbox", other.inbox, "--outbox", other.outbox, "--state", sandbox.state]
          + ["--http", "off"])
      #expect(second.end == .exit(2))
      #expect(second.errorText.contains(sandbox.state))
      #expect(second.errorText.contains("(process \(first.processID))"), "\(second.errorText)")
      #expect(second.errorText.split(separator: "\n").count == 1, "\(second.errorText)")
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.receipt("a.csv").status == "done")
      #expect(try await first.stop() == .exit(0))
    }

    @Test func `after kill -9 the next start needs no repair`() async throws {
      let first = try await sandbox.daemon()
      try sandbox.drop("a.csv", Sandbox.plays(1, song: "A"))
      _ = try await sandbox.receipt("a.csv")
      try await first.kill()
      let second = try await sandbox.daemon()
      try sandbox.drop("b.csv", Sandbox.plays(2, song: "B"))
      #expect(try await sandbox.receipt("b.csv").status == "done")
      #expect(try await second.stop() == .exit(0))
      #expect(try await sandbox.playsSum() == 3)
      #expect(try await sandbox.statuses() == ["done": 2])
    }
  }
}
