import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// A running task taken back, wherever it is.
  @Suite struct Cancel {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// Where it is, and what tells that.
    struct Moment: Sendable, CustomTestStringConvertible {
      let testDescription: String
      /// True in the manifest then.
      var sql = ""
      /// At which the daemon stands still, to go on when the command has come.
      var fault: Fault?
    }

    private static let moments = [
      Moment(testDescription: "reading", sql: "rows_read > 0"),
      Moment(
        testDescription: "spilling",
        sql: "bytes_read < size_bytes AND EXISTS (SELECT 1 FROM batches)"),
      Moment(testDescription: "read whole", sql: "bytes_read = size_bytes"),
      Moment(testDescription: "writing the result", sql: "groups > 100000"),
      Moment(
        testDescription: "syncing the result",
        fault: Fault(action: .stop, calls: [.sync], number: 1, path: ".result")),
      Moment(
        testDescription: "publishing the result",
        // The first one to that name is the claim.
        fault: Fault(action: .stop, calls: [.rename], number: 2, path: "large.csv")),
    ]

    private func start(_ moment: Moment) async throws -> RunningDaemon {
      let flags = sandbox.flags() + ["--memory", "16MiB"]
      let report = sandbox.desk + "/report"
      let daemon = try RunningDaemon(
        flags, environment: moment.fault?.environment(report: report) ?? [:])
      try await daemon.awaitReady()
      let large = try await sandbox.generate(rows: 2_000_000)
      try sandbox.moveIn(large)
      return daemon
    }

    @Test(arguments: moments)
    func `a running task is taken back at once, and nothing of it is left`(moment: Moment)
      async throws
    {
      let daemon = try await start(moment)
      try await eventually(within: .seconds(120), moment.testDescription) {
        if moment.fault != nil { return try daemon.isStopped() }
        guard sandbox.hasDatabase() else { return false }
        return try await sandbox.value("SELECT 1 FROM manifest WHERE \(moment.sql)") == "1"
      }
      let cancel = try ChildProcess(
        Programs.watchctl, ["cancel", "large.csv", "--state", sandbox.state])
      if moment.fault != nil {
        // What it asks for lies in the socket before the daemon goes on.
        try await eventually("the command waits for the daemon") {
          // By write(2) and its like; the request is all that it writes (proc_pid_io(5)), but for 8 bytes that wake a thread.
          let written = try String(contentsOfFile: "/proc/\(cancel.processID)/io", encoding: .utf8)
            .firstMatch(of: /wchar: (\d+)/)
          return written.flatMap { Int($0.1) }.map { $0 > 100 } ?? false
        }
        daemon.thaw()
      }
      let end = try await cancel.end()
      let said = String(decoding: try cancel.standardError(), as: UTF8.self)
      // What is committed a moment before the command is read is whole, and that is said.
      if moment.fault != nil, end == .exit(1) {
        #expect(said.contains("it is done already; watchctl forget"), "\(said)")
        #expect(try await sandbox.value("SELECT count(*) FROM plays") == "2000000")
        #expect(try sandbox.names(in: sandbox.outbox) == ["large.csv", "large.csv.receipt.json"])
        #expect(try await daemon.stop() == .exit(0))
        return
      }
      #expect(end == .exit(0), "\(said)")
      #expect(try await sandbox.value("SELECT status FROM manifest") == "cancelled")
      #expect(try await sandbox.value("SELECT count(*) FROM plays") == "0")
      #expect(try await sandbox.value("SELECT count(*) FROM fingerprints") == "0")
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.outbox) == [])
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work") == [])
      try await eventually("its rows are taken out") {
        try await sandbox.value(
          "SELECT (SELECT count(*) FROM play_rows) + (SELECT count(*) FROM batches)") == "0"
      }
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
