import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Watchctl {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// The manifest's columns, which are the keys of every task in JSON.
    private static let columns: Set<String> = [
      "task_id", "name", "status", "phase", "size_bytes", "bytes_read", "sha256", "rows_read",
      "rows_rejected", "groups", "plays_sum", "result_name", "error_code", "error", "attempts",
      "duplicate_of", "queued_at", "started_at", "finished_at",
    ]

    private static let bad = "Song,Date,Number of Plays\nA,d,1\nB,d,x\n"

    private func objects(_ outcome: Outcome) throws -> [[String: Any]] {
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      return try #require(
        try JSONSerialization.jsonObject(with: outcome.standardOutput) as? [[String: Any]])
    }

    private func object(_ outcome: Outcome) throws -> [String: Any] {
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      return try #require(
        try JSONSerialization.jsonObject(with: outcome.standardOutput) as? [String: Any])
    }

    private func expectRefusal(_ outcome: Outcome, naming word: String) {
      #expect(outcome.end != .exit(0))
      #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
      #expect(outcome.standardOutput.isEmpty)
    }

    @Test(arguments: [true, false])
    func `status lists every task, with the daemon up and down`(isUp: Bool) async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("good.csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", Self.bad)
      try await sandbox.awaitAllFinished(2)
      if !isUp { #expect(try await daemon.stop() == .exit(0)) }

      let tasks = try objects(try await sandbox.watchctl(["status", "--json"]))
      #expect(tasks.count == 2)
      for task in tasks {
        #expect(Self.columns.subtracting(task.keys) == [])
      }
      let statuses = Set(tasks.compactMap { $0["status"] as? String })
      #expect(statuses == ["done", "failed"])

      let table = try await sandbox.watchctl(["status"])
      #expect(table.end == .exit(0))
      for text in ["good.csv", "bad.csv", "done", "failed"] {
        #expect(table.output.contains(text), "\(table.output)")
      }

      let failed = try objects(
        try await sandbox.watchctl(["status", "--json", "--status", "failed"]))
      #expect(failed.map { $0["name"] as? String } == ["bad.csv"])
      let one = try objects(try await sandbox.watchctl(["status", "--json", "--limit", "1"]))
      #expect(one.count == 1)
      let none = try objects(
        try await sandbox.watchctl(["status", "--json", "--since", "2999-01-01T00:00:00.000Z"]))
      #expect(none.isEmpty)

      let result = try await sandbox.watchctl(["result", "good.csv"])
      #expect(result.end == .exit(0))
      #expect(result.output == Sandbox.total(1))
    }

    @Test func `status reads what a killed daemon had committed`() async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("a.csv", Sandbox.plays(1))
      _ = try await sandbox.receipt("a.csv")
      try await sandbox.awaitAllFinished(1)
      try await daemon.kill()
      let tasks = try objects(try await sandbox.watchctl(["status", "--json"]))
      #expect(tasks.map { $0["status"] as? String } == ["done"])
    }

    @Test func `status of one task shows its events and its rejects`() async throws {
      try sandbox.drop("bad.csv", Self.bad)
      #expect(try await sandbox.once().end == .exit(1))
      let task = try object(try await sandbox.watchctl(["status", "bad.csv", "--json"]))
      #expect(Self.columns.subtracting(task.keys) == [])
      #expect(task["error_code"] as? String == "rejected-rows")
      let events = try #require(task["events"] as? [[String: Any]])
      #expect(events.first?["kind"] as? String == "queued")
      let rejects = try #require(task["rejects"] as? [[String: Any]])
      #expect(rejects.count == 1)
      #expect(rejects.first?["line"] as? Int == 3)
      #expect(rejects.first?["column"] as? Int == 5)
      #expect(rejects.first?["byte"] as? Int == 36)
      let text = try await sandbox.watchctl(["status", "bad.csv"])
      #expect(text.end == .exit(0))
      #expect(text.output.contains("rejected-rows"))
    }

    @Test func `a task is found by its id, by a prefix and by its file's name`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      try sandbox.drop("a.csv", Sandbox.plays(2))
      #expect(try await sandbox.once().end == .exit(0))
      let first = try await sandbox.receipt("a.csv").taskID
      let second = try await sandbox.receipt("a.2.csv").taskID
      // 48 bits of a UUIDv7 are milliseconds: with these digits alone the two differ.
      let prefix = String(first.prefix(14))
      #expect(!second.hasPrefix(prefix))
      for (task, total) in [(first, 1), (prefix, 1), (second, 2), ("a.csv", 2)] {
        let outcome = try await sandbox.watchctl(["result", task])
        #expect(outcome.end == .exit(0), "\(outcome.errorText)")
        #expect(outcome.output == Sandbox.total(total), "\(task)")
      }
      // All ids of one year share their first digits.
      let common = String(zip(first, second).prefix { $0.0 == $0.1 }.map(\.0))
      let ambiguous = try await sandbox.watchctl(["status", common])
      expectRefusal(ambiguous, naming: common)
    }

    @Test func `a result goes into a file where one is named`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      let path = sandbox.desk + "/out.csv"
      #expect(try await sandbox.watchctl(["result", "a.csv", "-o", path]).end == .exit(0))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == Sandbox.total(1))
    }

    @Test func `what is not there is said in a sentence`() async throws {
      expectRefusal(try await sandbox.watchctl(["status"]), naming: sandbox.state)
      try sandbox.drop("bad.csv", Self.bad)
      #expect(try await sandbox.once().end == .exit(1))
      for command in ["status", "result"] {
        expectRefusal(try await sandbox.watchctl([command, "nobody.csv"]), naming: "nobody.csv")
      }
      expectRefusal(try await sandbox.watchctl(["result", "bad.csv"]), naming: "bad.csv")
      let usage = try await sandbox.watchctl(["status", "--status", "fine"])
      expectRefusal(usage, naming: "fine")
    }

    @Test func `the state directory may stand after the command or in the environment`()
      async throws
    {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      let after = try await run(
        Programs.watchctl, ["status", "--state", sandbox.state, "--json"])
      #expect(try objects(after).count == 1)
      let variable = try await run(
        Programs.watchctl, ["status", "--json"], environment: ["WATCHD_STATE": sandbox.state])
      #expect(try objects(variable).count == 1)
    }

    @Test func `watching shows what happens while it happens`() async throws {
      let daemon = try await sandbox.daemon()
      let watch = try ChildProcess(
        Programs.watchctl, ["--state", sandbox.state, "status", "--watch"])
      for name in ["first.csv", "second.csv"] {
        try sandbox.drop(name, Sandbox.plays(1, song: name))
        try await eventually("\(name) in the picture") {
          String(decoding: try watch.standardOutput(), as: UTF8.self).contains(name)
        }
      }
      watch.send(SIGINT)
      _ = try await watch.end()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `asking changes nothing in the state directory`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      let before = try sandbox.names(in: sandbox.state)
      #expect(try await sandbox.watchctl(["status"]).end == .exit(0))
      #expect(try sandbox.names(in: sandbox.state) == before)
    }
  }
}
