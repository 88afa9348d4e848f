import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl cancel`, `forget` and `retry`: by the daemon where it runs, else by themselves.
  @Suite struct Commands {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let bad = "Song,Date,Number of Plays\nA,d,x\n"

    @Test(arguments: [true, false])
    func `a failed task is done again with its corrected file`(isUp: Bool) async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("plays.csv", Self.bad)
      let failed = try await sandbox.receipt("plays.csv")
      #expect(failed.status == "failed")
      if !isUp { #expect(try await daemon.stop() == .exit(0)) }
      let corrected = sandbox.desk + "/corrected.csv"
      try Data(Sandbox.plays(7).utf8).write(to: URL(fileURLWithPath: corrected))
      let retried = try await sandbox.watchctl(["retry", "plays.csv", "--file", corrected])
      #expect(retried.end == .exit(0), "\(retried.errorText)")
      #expect(retried.output.contains("tried again"))
      if !isUp { #expect(try await sandbox.once().end == .exit(0)) }
      try await sandbox.awaitAllFinished(1)
      #expect(try await sandbox.value("SELECT status FROM manifest") == "done")
      #expect(try await sandbox.value("SELECT task_id FROM manifest") == failed.taskID)
      #expect(try sandbox.result("plays.csv") == Sandbox.total(7))
      #expect(try sandbox.names(in: sandbox.outbox) == ["plays.csv", "plays.csv.receipt.json"])
      if isUp { #expect(try await daemon.stop() == .exit(0)) }
    }

    @Test(arguments: [true, false])
    func `forget takes exactly that task's rows out of the totals`(isUp: Bool) async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("one.csv", Sandbox.plays(1))
      try sandbox.drop("two.csv", Sandbox.plays(20))
      try await sandbox.awaitAllFinished(2)
      if !isUp { #expect(try await daemon.stop() == .exit(0)) }
      #expect(try await sandbox.playsSum() == 21)
      let forgotten = try await sandbox.watchctl(["forget", "--json", "one.csv"])
      #expect(forgotten.end == .exit(0), "\(forgotten.errorText)")
      #expect(forgotten.output.contains("\"status\" : \"cancelled\""), "\(forgotten.output)")
      #expect(try await sandbox.playsSum() == 20)
      let again = try await sandbox.watchctl(["forget", "one.csv"])
      #expect(again.end == .exit(1))
      #expect(again.errorText.contains("nothing of one.csv counts"), "\(again.errorText)")
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
      // The same bytes may count once more, and are no duplicate of what counts no longer.
      try sandbox.drop("once-more.csv", Sandbox.plays(1))
      if !isUp { #expect(try await sandbox.once().end == .exit(0)) }
      #expect(try await sandbox.receipt("once-more.csv").status == "done")
      #expect(try await sandbox.playsSum() == 21)
      if isUp { #expect(try await daemon.stop() == .exit(0)) }
    }

    @Test(arguments: ["forget", "cancel", "retry"])
    func `nothing is done beside a daemon that does not listen`(command: String) async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("done.csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", Self.bad)
      try await sandbox.awaitAllFinished(2)
      try FileManager.default.removeItem(atPath: sandbox.state + "/watchd.sock")
      let before = try await sandbox.query("SELECT * FROM manifest")
      let name = command == "retry" ? "bad.csv" : "done.csv"
      let refused = try await sandbox.watchctl([command, name])
      #expect(refused.end == .exit(1))
      #expect(
        refused.errorText.contains("does not listen on its socket"), "\(refused.errorText)")
      #expect(try await sandbox.query("SELECT * FROM manifest") == before)
      #expect(try await sandbox.playsSum() == 1)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a large file is cancelled while it is read, and nothing of it is left`()
      async throws
    {
      let large = try await sandbox.generate(rows: 3_000_000)
      let daemon = try await sandbox.daemon(["--memory", "16MiB"])
      try sandbox.moveIn(large)
      try await eventually("rows are read") {
        guard sandbox.hasDatabase() else { return false }
        return try await sandbox.value("SELECT 1 AS n FROM manifest WHERE rows_read > 0") == "1"
      }
      let cancelled = try await sandbox.watchctl(["cancel", "large.csv"])
      #expect(cancelled.end == .exit(0), "\(cancelled.errorText)")
      #expect(try await sandbox.value("SELECT status FROM manifest") == "cancelled")
      #expect(try await sandbox.value("SELECT count(*) AS n FROM plays") == "0")
      try await eventually("its rows are taken out") {
        try await sandbox.value("SELECT count(*) AS n FROM play_rows") == "0"
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.outbox) == [])
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work") == [])
      let why = try await sandbox.watchctl(["cancel", "large.csv"])
      #expect(why.end == .exit(1))
      #expect(why.errorText.contains("cancelled already"), "\(why.errorText)")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `only the daemon's user may reach the socket`() async throws {
      let daemon = try await sandbox.daemon()
      let path = sandbox.state + "/watchd.sock"
      try await eventually("the socket has its permissions") {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        return mode as? Int == 0o600
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a name that no task has is refused by the daemon, and by watchctl without one`()
      async throws
    {
      let daemon = try await sandbox.daemon()
      for isUp in [true, false] {
        if !isUp { #expect(try await daemon.stop() == .exit(0)) }
        let refused = try await sandbox.watchctl(["retry", "no such/file?.csv"])
        #expect(refused.end == .exit(1))
        #expect(
          refused.errorText.contains("no task has the id or the file name \"no such/file?.csv\""),
          "\(refused.errorText)")
      }
    }
  }
}
