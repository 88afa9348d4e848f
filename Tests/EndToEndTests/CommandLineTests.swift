import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct CommandLine {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private func configuration(_ text: String) throws -> String {
      let path = sandbox.desk + "/watchd.yaml"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    private func expectRefusal(_ outcome: Outcome, naming words: [String]) {
      #expect(outcome.end == .exit(2))
      let lines = outcome.errorText.split(separator: "\n")
      #expect(lines.count == 1, "one sentence: \(outcome.errorText)")
      for word in words {
        #expect(outcome.errorText.contains(word), "\(word): \(outcome.errorText)")
      }
    }

    @Test func `once ends with 0 where all is done and where there is nothing to do`()
      async throws
    {
      #expect(try await sandbox.once().end == .exit(0))
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try sandbox.result("a.csv") == Sandbox.total(1))
    }

    @Test func `once ends with 1 where a file failed, and the others are done`() async throws {
      try sandbox.drop("bad.csv", "")
      try sandbox.drop("good.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(1))
      #expect(try await sandbox.statuses() == ["done": 1, "failed": 1])
      #expect(
        try await sandbox.once().end == .exit(0), "what failed earlier is not today's failure")
    }

    @Test func `once takes a file that was written just now`() async throws {
      try Data(Sandbox.plays(1).utf8).write(to: URL(fileURLWithPath: sandbox.inbox + "/a.csv"))
      #expect(try await sandbox.once(["--settle", "1s"]).end == .exit(0))
      #expect(try sandbox.result("a.csv") == Sandbox.total(1))
    }

    @Test func `once does not wait for a writer and leaves its file whole in the inbox`()
      async throws
    {
      let path = sandbox.inbox + "/open.csv"
      try Data(Sandbox.plays(1).utf8).write(to: URL(fileURLWithPath: path))
      let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try sandbox.drop("closed.csv", Sandbox.plays(2))
      let outcome = try await sandbox.once()
      #expect(outcome.end != .exit(2), "\(outcome.errorText)")
      #expect(try sandbox.names(in: sandbox.inbox) == ["open.csv"])
      #expect(try sandbox.result("closed.csv") == Sandbox.total(2))
      try writer.close()
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try sandbox.result("open.csv") == Sandbox.total(1))
    }

    @Test func `an unknown flag is refused with its name, and where help is`() async throws {
      expectRefusal(
        try await sandbox.once(["--max-reject", "3"]),
        naming: ["--max-reject", "Did you mean '--max-rejects'? See watchd --help"])
      expectRefusal(
        try await sandbox.once(["--\u{1B}[31m"]), naming: ["--\\u{1B}[31m", "; see watchd --help"])
    }

    @Test(
      arguments: [
        ("--max-rejects", "-1"), ("--max-rejects", "some"), ("--workers", "0"),
        ("--memory", "lots"), ("--keep", "all"), ("--settle", "500"), ("--dates", "iso"),
        ("--archive", "zip"), ("--line-ending", "cr"), ("--http", "here"), ("--log-level", "loud"),
      ])
    func `a wrong value is refused with the name of its setting`(flag: String, value: String)
      async throws
    {
      let outcome = try await sandbox.once(["\(flag)=\(value)"])
      expectRefusal(outcome, naming: [String(flag.dropFirst(2)), value])
      #expect(try sandbox.names(in: sandbox.state) == [], "refused before anything was touched")
    }

    @Test func `an unknown key in the file is refused with the nearest known one`() async throws {
      let path = try configuration("max-rejets: 3\n")
      expectRefusal(
        try await sandbox.once(["--config", path]), naming: ["\"max-rejets\"", "\"max-rejects\""])
    }

    @Test(arguments: ["workers: many\n", "workers: [1, 2]\n", "workers: \"\"\n"])
    func `a wrong value in the file is refused with its key`(text: String) async throws {
      let path = try configuration(text)
      expectRefusal(try await sandbox.once(["--config", path]), naming: ["workers"])
    }

    @Test func `a file of settings that is missing or no YAML is refused by name`() async throws {
      let missing = sandbox.desk + "/missing.yaml"
      expectRefusal(try await sandbox.once(["--config", missing]), naming: [missing])
      let broken = try configuration("workers: [1\n")
      expectRefusal(try await sandbox.once(["--config", broken]), naming: [broken])
    }

    @Test func `a wrong variable is refused with its name`() async throws {
      let outcome = try await run(
        Programs.watchd, sandbox.flags() + ["--once"], environment: ["WATCHD_WORKERS": "x"])
      #expect(outcome.end == .exit(2))
      #expect(
        outcome.errorText.contains("WATCHD_WORKERS") || outcome.errorText.contains("workers"))
    }

    @Test(arguments: ["--inbox", "--outbox", "--state"])
    func `a directory that cannot be used is refused by name`(flag: String) async throws {
      let file = sandbox.desk + "/not-a-directory"
      try Data("x".utf8).write(to: URL(fileURLWithPath: file))
      var flags = ["--inbox": sandbox.inbox, "--outbox": sandbox.outbox, "--state": sandbox.state]
      flags[flag] = file
      let outcome = try await run(
        Programs.watchd, flags.flatMap { [$0.key, $0.value] } + ["--http", "off", "--once"])
      expectRefusal(outcome, naming: [file])
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "x")
    }

    @Test func `without flags the folders are those of the working directory`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      let folder = URL(fileURLWithPath: sandbox.inbox).deletingLastPathComponent().path
      let outcome = try await run(
        Programs.watchd, ["--once", "--http", "off", "--settle", "50ms"], directory: folder)
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      #expect(try sandbox.result("a.csv") == Sandbox.total(1))
    }

    /// The line of `--print-config` about one setting.
    private func line(_ name: String, in outcome: Outcome) throws -> String {
      let lines = outcome.output.split(separator: "\n").map(String.init)
      return try #require(
        lines.first { $0.contains(name) }, "\(name): \(outcome.output)\(outcome.errorText)")
    }

    @Test func `print-config shows every value with where it came from`() async throws {
      let path = try configuration(
        "max-rejects: 5\nkeep: rows\nline-ending: crlf\nworkers: 3\n")
      let outcome = try await run(
        Programs.watchd,
        sandbox.flags() + ["--config", path, "--max-rejects", "7", "--print-config"],
        environment: [
          "WATCHD_MAX_REJECTS": "6", "WATCHD_KEEP": "totals", "WATCHD_DATES": "calendar",
        ])
      #expect(outcome.end == .exit(0))
      let expected = [
        ("max-rejects", "7", "flag"), ("keep", "totals", "variable"),
        ("dates", "calendar", "variable"), ("line-ending", "crlf", "file"),
        ("workers", "3", "file"), ("archive", "keep", "default"), ("memory", "256MiB", "default"),
        ("inbox", sandbox.inbox, "flag"),
      ]
      for (name, value, origin) in expected {
        let line = try line(name, in: outcome)
        #expect(line.contains(value), "\(line)")
        #expect(line.contains(origin), "\(line)")
      }
      #expect(try sandbox.names(in: sandbox.state) == [], "printing touches nothing")
    }

    @Test func `settings of file and variable hold in a run`() async throws {
      let path = try configuration("max-rejects: all\nline-ending: crlf\n")
      try sandbox.drop("a.csv", "Song,Date,Number of Plays\nA,d,1\nA,d,x\n")
      let outcome = try await run(
        Programs.watchd, sandbox.flags() + ["--once", "--config", path],
        environment: ["WATCHD_ARCHIVE": "delete"])
      #expect(outcome.end == .exit(0))
      #expect(
        try sandbox.result("a.csv")
          == "Song,Date,Total Number of Plays for Date\r\nA,d,1\r\n")
      let task = try await sandbox.receipt("a.csv").taskID
      #expect(!FileManager.default.fileExists(atPath: sandbox.state + "/archive/\(task)/a.csv"))
    }
  }
}
