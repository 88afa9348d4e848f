import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Database {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test func `a person with sqlite3 sees tasks and plays while the daemon runs`() async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("a.csv", Sandbox.plays(3))
      let receipt = try await sandbox.receipt("a.csv")
      #expect(try await sandbox.value("PRAGMA journal_mode") == "wal")
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
      let rows = try await sandbox.query(
        "SELECT song, date, SUM(plays) AS n FROM plays GROUP BY song, date ORDER BY song, date")
      #expect(rows == [["song": "Hey Jude", "date": "2024-01-01", "n": "3"]])
      #expect(try await sandbox.value("SELECT DISTINCT task_id FROM plays") == receipt.taskID)
      #expect(try await daemon.stop() == .exit(0))
    }

    /// Where two write, or one writes and one checkpoints, libsqlite3 before 3.51.3 can lose commits.
    ///
    /// Whichever a connection does, it has opened the file for writing.
    @Test func `one connection of the daemon's can write or checkpoint, and none of watchctl's`()
      async throws
    {
      let fault = Fault(action: .count, calls: [.writable], number: 0, path: "/watchd.db$")
      let report = sandbox.desk + "/report"
      let (daemon, door) = try await sandbox.openDoor(
        environment: fault.environment(report: report))
      try sandbox.drop("a.csv", Sandbox.plays(3))
      try sandbox.drop("failing.csv", "Song,Date\nA,d\n")
      #expect(try await door.put("b.csv", Data(Sandbox.plays(5).utf8)).status == 202)
      try await sandbox.awaitAllFinished(3)
      for path in ["/tasks", "/totals", "/metrics", "/readyz", "/result/a.csv/rows"] {
        #expect(try await door.get(path).status == 200, "\(path)")
      }
      for (number, command) in [
        ["status"], ["why", "a.csv"], ["result", "a.csv"], ["totals"], ["query", "SELECT 1"],
        ["backup", sandbox.desk + "/copy"], ["forget", "b.csv"], ["prune", "--older-than", "0s"],
      ].enumerated() {
        let path = report + "\(number)"
        let outcome = try await run(
          Programs.watchctl, ["--state", sandbox.state] + command,
          environment: fault.environment(report: path))
        #expect(outcome.end == .exit(0), "\(command): \(outcome.errorText)")
        #expect(try FaultReport(path: path).calls == 0, "\(command)")
      }
      #expect(try await daemon.stop() == .exit(0))
      #expect(try FaultReport(path: report).calls == 1)
    }

    @Test func `the manifest has the promised columns and values`() async throws {
      try sandbox.drop("a.csv", "Song,Date,Number of Plays\nA,d,1\nA,d,2\nB,d,x\n")
      #expect(try await sandbox.once(["--max-rejects", "1"]).end == .exit(0))
      let receipt = try await sandbox.receipt("a.csv")
      let row = try #require(
        try await sandbox.query(
          """
          SELECT task_id, name, status, phase, size_bytes, bytes_read, sha256, rows_read,
            rows_rejected, groups, plays_sum, result_name, error_code, error, attempts,
            duplicate_of, queued_at, started_at, finished_at
          FROM manifest
          """
        ).first)
      #expect(row["task_id"] == receipt.taskID)
      let promised = [
        "name": "a.csv", "status": "done", "size_bytes": "44", "bytes_read": "44",
        "rows_read": "3", "rows_rejected": "1", "groups": "1", "plays_sum": "3",
        "result_name": "a.csv", "attempts": "1",
      ]
      for (column, value) in promised {
        #expect(row[column] == value, "\(column)")
      }
      for column in ["phase", "error_code", "error", "duplicate_of"] {
        #expect(row[column] == nil, "\(column)")
      }
      #expect(row["sha256"]?.count == 64)
      let times = try ["queued_at", "started_at", "finished_at"].map { try #require(row[$0]) }
      #expect(times == times.sorted())
      for time in times {
        #expect(
          time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(time)")
      }
    }

    @Test func `every table is strict`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      let loose = try await sandbox.query(
        """
        SELECT name FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'
          AND name NOT LIKE 'grdb_%'
        """)
      #expect(loose == [])
    }

    @Test func `events tell what happened to a task, in order`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      let kinds = try await sandbox.query("SELECT kind FROM events").compactMap { $0["kind"] }
      #expect(kinds.first == "queued")
      #expect(kinds.last == "done")
      #expect(kinds.contains("started"))
    }

    /// The time of a file in this table is short, so this looks again and again while files pass.
    @Test func `the view of plays shows all of a file or nothing of it`() async throws {
      let daemon = try await sandbox.daemon(["--keep", "rows"])
      var file = "Song,Date,Number of Plays\n"
      for row in 1...20_000 { file += "Song \(row),d,1\n" }
      for number in 1...5 { try sandbox.drop("\(number).csv", file + "Number \(number),d,1\n") }
      try await eventually(within: .seconds(120), "five loaded files") {
        let counts = try await sandbox.query(
          "SELECT task_id, COUNT(*) AS n FROM plays GROUP BY task_id")
        #expect(counts.allSatisfy { $0["n"] == "20001" })
        return counts.count == 5
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a finished file lies in the archive under its task and nothing is left in work`()
      async throws
    {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", "")
      #expect(try await sandbox.once().end == .exit(1))
      for name in ["a.csv", "bad.csv"] {
        let task = try await sandbox.receipt(name).taskID
        #expect(
          FileManager.default.fileExists(atPath: sandbox.state + "/archive/\(task)/\(name)"))
      }
      let task = try await sandbox.receipt("a.csv").taskID
      #expect(
        try String(contentsOfFile: sandbox.state + "/archive/\(task)/a.csv", encoding: .utf8)
          == Sandbox.plays(1))
      #expect(try sandbox.names(in: sandbox.state + "/work") == [])
    }

    @Test func `a file that is no database is refused and left as it is`() async throws {
      let path = sandbox.state + "/watchd.db"
      let text = String(repeating: "not a database ", count: 500)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let outcome = try await sandbox.once()
      #expect(outcome.end == .exit(2))
      #expect(outcome.errorText.contains("watchd.db"))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
  }
}
