import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// A running task taken back, wherever it is.
  @Suite struct Cancel {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test(arguments: Moment.all)
    func `a running task is taken back at once, and nothing of it is left`(moment: Moment)
      async throws
    {
      let daemon = try await moment.meet(in: sandbox)
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
