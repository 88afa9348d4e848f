import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl backup`: a copy that can be relied on.
  @Suite struct Backup {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private var copy: String { sandbox.desk + "/copy.db" }

    private func value(_ sql: String, of path: String) async throws -> String {
      let outcome = try await run(Programs.sqlite3, ["-readonly", path, sql])
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      return outcome.output.trimmingCharacters(in: .newlines)
    }

    @Test func `a copy is whole, alone in its folder, and can take the place of the database`()
      async throws
    {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      let outcome = try await sandbox.watchctl(["backup", copy, "--json"])
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      let answer = try #require(
        try JSONSerialization.jsonObject(with: outcome.standardOutput) as? [String: Any])
      #expect(answer["file"] as? String == copy)
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.desk) == ["copy.db"])
      #expect(try await value("PRAGMA integrity_check", of: copy) == "ok")
      #expect(try await value("SELECT song, SUM(plays) FROM plays", of: copy) == "Hey Jude|1")

      let restored = try Sandbox()
      try FileManager.default.copyItem(atPath: copy, toPath: restored.state + "/watchd.db")
      try restored.drop("again.csv", Sandbox.plays(1))
      #expect(try await restored.once().end == .exit(0))
      #expect(try await restored.statuses() == ["done": 1, "duplicate": 1])
    }

    /// On another machine: nothing but the copy is there, no archive, no work, no result.
    @Test func `a copy made in the midst of work serves a daemon in a fresh state folder`()
      async throws
    {
      let daemon = try await sandbox.daemon(["--memory", "16MiB"])
      let bad = "Song,Date,Number of Plays\nA,d,x\n"
      try sandbox.drop("done.csv", Sandbox.plays(5))
      try sandbox.drop("bad.csv", bad)
      try await sandbox.awaitAllFinished(2)
      let large = try await sandbox.generate(rows: 1_000_000)
      try FileManager.default.copyItem(atPath: large, toPath: sandbox.desk + "/kept.csv")
      try sandbox.moveIn(large)
      try await eventually("a part of it is in the database") {
        try await sandbox.value("SELECT 1 FROM batches WHERE number > 1") == "1"
      }
      #expect(try await sandbox.watchctl(["backup", copy]).end == .exit(0))
      try await daemon.kill()
      #expect(
        try await value("SELECT status FROM manifest WHERE name = 'large.csv'", of: copy)
          == "running")

      let restored = try Sandbox()
      try FileManager.default.copyItem(atPath: copy, toPath: restored.state + "/watchd.db")
      let serving = try await restored.daemon(["--memory", "16MiB"])
      try restored.drop("again.csv", Sandbox.plays(5))
      try restored.drop("new.csv", Sandbox.plays(7))
      try await restored.awaitAllFinished(5)
      #expect(try await restored.statuses() == ["done": 2, "duplicate": 1, "failed": 2])
      #expect(try await restored.playsSum() == 12)
      #expect(try restored.result("again.csv") == Sandbox.total(5))
      let gone = try await restored.watchctl(["why", "large.csv"])
      #expect(
        gone.output.contains("it failed (")
          && gone.output.contains("was taken out of the state directory"), "\(gone.output)")
      // What was in the archive and the outbox of the other machine is said not to be here.
      let refused = try await restored.watchctl(["retry", "bad.csv"])
      #expect(refused.end == .exit(1))
      #expect(refused.errorText.contains("give it with --file"), "\(refused.errorText)")
      let taken = try await restored.watchctl(["result", "done.csv"])
      #expect(taken.end == .exit(1) && !taken.errorText.isEmpty)
      // And with the file all is as it would have been.
      let retried = try await restored.watchctl(
        ["retry", "large.csv", "--file", sandbox.desk + "/kept.csv"])
      #expect(retried.end == .exit(0), "\(retried.errorText)")
      let waited = try await restored.watchctl(["wait", "large.csv", "--timeout", "120"])
      #expect(waited.end == .exit(0), "\(waited.output)\(waited.errorText)")
      #expect(
        try await restored.value(
          "SELECT count(*) FROM plays JOIN manifest USING (task_id) WHERE name = 'large.csv'")
          == "1000000")
      #expect(try await restored.watchctl(["forget", "done.csv"]).end == .exit(0))
      #expect(try await restored.value("PRAGMA integrity_check") == "ok")
      #expect(try await serving.stop() == .exit(0))
    }

    @Test func `copies made while the daemon loads files show each file whole or not at all`()
      async throws
    {
      let daemon = try await sandbox.daemon()
      let count = 60
      for number in 1...count {
        let rows = (1...50).map { "song \($0),2024-01-01,\(number * 100 + $0)\n" }.joined()
        try sandbox.drop("\(number).csv", "Song,Date,Number of Plays\n" + rows)
        if number % 12 == 0 {
          let path = copy + String(number)
          let outcome = try await sandbox.watchctl(["backup", path])
          #expect(outcome.end == .exit(0), "\(outcome.errorText)")
          #expect(try await value("PRAGMA integrity_check", of: path) == "ok")
          let torn =
            "SELECT count(*) FROM (SELECT task_id FROM plays GROUP BY 1 HAVING count(*) <> 50)"
          #expect(try await value(torn, of: path) == "0")
        }
      }
      try await sandbox.awaitAllFinished(count)
      #expect(try await daemon.stop() == .exit(0))
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
    }

    @Test func `an existing file is left alone unless it may be replaced`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      try Data("precious".utf8).write(to: URL(fileURLWithPath: copy))
      let refused = try await sandbox.watchctl(["backup", copy])
      #expect(refused.end == .exit(1))
      #expect(refused.errorText.contains("--force"))
      #expect(try String(contentsOfFile: copy, encoding: .utf8) == "precious")
      #expect(try await sandbox.watchctl(["backup", copy, "--force"]).end == .exit(0))
      #expect(try await value("SELECT count(*) FROM manifest", of: copy) == "1")
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.desk) == ["copy.db"])
    }

    @Test func `a backup that is interrupted leaves nothing, or is whole`() async throws {
      try sandbox.drop(
        "a.csv",
        "Song,Date,Number of Plays\n"
          + (0..<200_000).map { "a song with a name \($0),2024-01-01,1\n" }.joined())
      #expect(try await sandbox.once().end == .exit(0))
      let backup = try ChildProcess(
        Programs.watchctl, ["backup", "--state", sandbox.state, copy])
      try await eventually("it has begun") {
        try !FileManager.default.contentsOfDirectory(atPath: sandbox.desk).isEmpty
          || !backup.isRunning
      }
      backup.send(SIGINT)
      let end = try await backup.end()
      let left = try FileManager.default.contentsOfDirectory(atPath: sandbox.desk)
      #expect(left == (end == .exit(0) ? ["copy.db"] : []), "\(end)")
    }

    @Test func `the daemon's own folder is refused, forced or not`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      let outcome = try await sandbox.watchctl(
        ["backup", "--force", sandbox.state + "/watchd.db"])
      #expect(outcome.end == .exit(1))
      #expect(outcome.errorText.contains("the daemon's own folder"))
      #expect(try await sandbox.statuses() == ["done": 1])
    }
  }
}
