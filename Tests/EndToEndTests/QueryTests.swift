import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl query`: SQL that only reads.
  @Suite struct Query {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private func query(_ arguments: String...) async throws -> Outcome {
      try await sandbox.watchctl(["query"] + arguments)
    }

    private func refusal(_ sql: String, naming word: String) async throws {
      let outcome = try await query(sql)
      #expect(outcome.end == .exit(1), "\(sql): \(outcome.output)")
      #expect(outcome.output.isEmpty)
      #expect(outcome.errorText.split(separator: "\n").count == 1, "\(outcome.errorText)")
      #expect(outcome.errorText.contains(word), "\(sql): \(outcome.errorText)")
    }

    @Test func `an answer comes as table, CSV or JSON`() async throws {
      try sandbox.drop("a.csv", "Song,Date,Number of Plays\n\"A, b\",d,1\nC,d,20\n")
      #expect(try await sandbox.once().end == .exit(0))
      let sql = "SELECT song, plays, NULL AS none, 1.5 AS half, x'FF' AS raw FROM plays"
      let table = try await query(sql)
      #expect(table.end == .exit(0), "\(table.errorText)")
      #expect(
        table.output == """
          song  plays  none  half  raw
          A, b      1  NULL   1.5  x'FF'
          C        20  NULL   1.5  x'FF'

          """)
      #expect(
        try await query(sql, "--csv").output
          == "song,plays,none,half,raw\n\"A, b\",1,,1.5,x'FF'\nC,20,,1.5,x'FF'\n")
      let rows = try #require(
        try JSONSerialization.jsonObject(with: try await query(sql, "--json").standardOutput)
          as? [[String: Any]])
      #expect(rows.count == 2)
      #expect(rows[0]["song"] as? String == "A, b" && rows[0]["none"] is NSNull)
      #expect(try await query("SELECT 1 WHERE 0", "--json").output == "[]\n")
      #expect(try await query("SELECT NULL AS a", "--csv").output == "a\n\"\"\n")
    }

    @Test(
      arguments: [
        ("SELECT * FROM songs", "no such table: songs"), ("SELEC 1", "syntax error"),
        ("", "empty"), ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT ?", "arguments"), ("DELETE FROM manifest", "would change"),
        ("UPDATE manifest SET name = 'x'", "would change"),
        ("DROP VIEW plays", "would change"), ("CREATE TEMP TABLE a (b)", "would change"),
        ("VACUUM INTO '/tmp/watchctl-query-must-not-make-this'", "would change"),
        ("ATTACH '/tmp/watchctl-query-must-not-make-this' AS a", "returns no rows"),
        ("BEGIN", "returns no rows"), ("SELECT abs(-9223372036854775807 - 1)", "integer overflow"),
      ])
    func `what is no question is refused in one sentence, and changes nothing`(
      sql: String, word: String
    ) async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      try await refusal(sql, naming: word)
      #expect(try await sandbox.statuses() == ["done": 1])
      #expect(
        !FileManager.default.fileExists(atPath: "/tmp/watchctl-query-must-not-make-this"))
    }

    @Test func `pragmas cannot open the door`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      for sql in [
        "PRAGMA query_only = OFF", "PRAGMA journal_mode = DELETE", "PRAGMA user_version = 99",
        "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA writable_schema = ON",
      ] {
        // Refused or without effect.
        _ = try await query(sql)
        #expect(try await sandbox.value("PRAGMA journal_mode") == "wal", "\(sql)")
        #expect(try await sandbox.value("PRAGMA user_version") != "99", "\(sql)")
      }
      #expect(try await sandbox.once().end == .exit(0))
    }

    @Test func `a query that takes for ever ends when it is interrupted`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      let endless = try ChildProcess(
        Programs.watchctl,
        [
          "query", "--state", sandbox.state,
          "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
        ])
      try await eventually("it has begun") {
        guard endless.isRunning else {
          throw NeverHappened(String(decoding: try endless.standardError(), as: UTF8.self))
        }
        let descriptors = "/proc/\(endless.processID)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: descriptors).contains {
          // The link is itself the path; a descriptor may be closed by now.
          var path = [CChar](repeating: 0, count: 4096)
          _ = unsafe readlink(descriptors + "/" + $0, &path, path.count - 1)
          return String(decoding: path.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .contains("watchd.db-shm")
        }
      }
      endless.send(SIGINT)
      #expect(try await endless.end() == .signal(SIGINT))
    }

    @Test func `JSON refuses two columns of one name`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      let outcome = try await query("SELECT 1 AS a, 2 AS a", "--json")
      #expect(outcome.end == .exit(2))
      #expect(outcome.errorText.contains("two columns are called \"a\""))
    }
  }
}
