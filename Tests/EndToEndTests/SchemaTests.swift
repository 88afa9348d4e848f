import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What is printed with `--json`, and the receipts, are as `Schemas/watchd.schema.json` says.
  @Suite struct Schema {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let file: String = {
      let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      return tests.deletingLastPathComponent().deletingLastPathComponent().path
        + "/Schemas/watchd.schema.json"
    }()

    /// What is wrong with an answer; nothing where it fits.
    private func findings(_ name: String, _ answer: Data) async throws -> String {
      let path = sandbox.desk + "/answer-\(UUID().uuidString).json"
      try answer.write(to: URL(fileURLWithPath: path))
      // Debian's own Python has Debian's jsonschema.
      let outcome = try await run(
        "/usr/bin/python3", [Programs.script("validate.py"), Self.file, name, path])
      if outcome.end == .exit(0) { return "" }
      return outcome.output + outcome.errorText
    }

    /// Asks, and holds the answer against a schema.
    @discardableResult
    private func expect(
      _ name: String, of arguments: [String], exit codes: Set<Int32> = [0],
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Data {
      let outcome = try await run(
        Programs.watchctl, arguments + ["--json"], environment: ["WATCHD_STATE": sandbox.state])
      #expect(
        codes.map { .exit($0) }.contains(outcome.end), "\(arguments): \(outcome.errorText)",
        sourceLocation: sourceLocation)
      let found = try await findings(name, outcome.standardOutput)
      #expect(
        found.isEmpty, "\(arguments): \(found)\(outcome.output)", sourceLocation: sourceLocation)
      return outcome.standardOutput
    }

    /// Tasks of every end, and names that are hard to write down.
    private func load() async throws {
      let large = "9223372036854775807"
      try sandbox.drop(
        "a.csv", "Song,Date,Number of Plays\n\"A\u{202E}\u{1B}\",d,\(large)\nB,d,1\n")
      try sandbox.drop("b.csv", "Song,Date,Number of Plays\n\"A\u{202E}\u{1B}\",d,\(large)\n")
      try sandbox.drop("bad \u{1B}[31m.csv", "Song,Date,Number of Plays\nA,d,x\n")
      #expect(try await sandbox.once().end == .exit(1))
      try sandbox.drop("again.csv", "Song,Date,Number of Plays\n\"A\u{202E}\u{1B}\",d,\(large)\n")
      try sandbox.drop("empty.csv", "")
      #expect(try await sandbox.once(["--max-rejects", "all"]).end == .exit(1))
    }

    @Test func `every question is answered by its schema`() async throws {
      try await load()
      try await expect("tasks", of: ["status"])
      for name in ["a.csv", "again.csv", "bad \u{1B}[31m.csv", "empty.csv"] {
        try await expect("taskDetail", of: ["status", name])
        try await expect("why", of: ["why", name])
      }
      try sandbox.drop("waits.csv", Sandbox.plays(1))
      for name in ["waits.csv", "nobody.csv"] { try await expect("why", of: ["why", name]) }
      try await expect("ends", of: ["wait", "a.csv", "empty.csv"], exit: [3])
      try await expect("ends", of: ["wait", "waits.csv", "--timeout", "50ms"], exit: [124])
      try await expect("totals", of: ["totals"])
      try await expect("topSongs", of: ["totals", "--top", "1"])
      try await expect(
        "rows", of: ["query", "SELECT name, plays_sum, 1.5 AS x, NULL AS n FROM manifest"])
      try await expect("findings", of: ["doctor"], exit: [1])
      try await expect("backup", of: ["backup", sandbox.desk + "/copy.db"])
      try await expect("pruned", of: ["prune", "--older-than", "30d", "--dry-run"])
      let bad = sandbox.desk + "/bad.csv"
      try Data("Song,Date,Number of Plays\nA,d,x\n".utf8).write(to: URL(fileURLWithPath: bad))
      try await expect("checked", of: ["check", bad, "/dev/null"], exit: [2])
      try await expect("submitted", of: ["submit", bad])
      try await expect(
        "ends", of: ["submit", "--wait", "--timeout", "50ms", bad.replacing("bad", with: "more")],
        exit: [1])
    }

    @Test func `every command is answered by its schema, and so is every receipt`() async throws {
      try await load()
      for name in try sandbox.names(in: sandbox.outbox) where name.hasSuffix(".receipt.json") {
        let receipt = try Data(contentsOf: URL(fileURLWithPath: sandbox.outbox + "/" + name))
        #expect(try await findings("receipt", receipt) == "", "\(name)")
      }
      try await expect("taskDetail", of: ["forget", "a.csv", "b.csv"])
      try await expect("taskDetail", of: ["retry", "empty.csv"])
      try await expect("taskDetail", of: ["cancel", "empty.csv"])
      try await expect("pruned", of: ["prune", "--older-than", "0s"])
      try await expect("taskDetail", of: ["status", "b.csv"])
    }

    @Test func `an answer that lacks a key, has one too many or another kind of value is found`()
      async throws
    {
      try await load()
      let answer = try await expect("taskDetail", of: ["status", "a.csv"])
      let task = try #require(
        try JSONSerialization.jsonObject(with: answer) as? [String: Any])
      for change in [
        task.filter { $0.key != "plays_sum" }, task.merging(["new": 1]) { $1 },
        task.merging(["status": "fine"]) { $1 }, task.merging(["queued_at": "today"]) { $1 },
        task.merging(["events": [["at": "x"]]]) { $1 },
      ] {
        let data = try JSONSerialization.data(withJSONObject: change)
        #expect(try await findings("taskDetail", data) != "")
      }
      #expect(try await findings("taskDetail", Data()) != "")
    }
  }
}
