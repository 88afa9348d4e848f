import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// What a person sees in a real terminal, and what a program gets instead.
  @Suite struct Terminal {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private func load() async throws {
      try sandbox.drop("good-\(String(repeating: "long-", count: 20)).csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", "Song,Date,Number of Plays\nA,d,x\n")
      try sandbox.drop("\u{1F3B5} 音楽.csv", Sandbox.plays(2))
      #expect(try await sandbox.once().end == .exit(1))
    }

    private func shown(
      _ columns: Int, _ arguments: [String], environment: [String: String] = [:],
      isState: Bool = true
    ) async throws -> String {
      let outcome = try await run(
        Programs.env,
        ["python3", Programs.script("terminal.py"), String(columns), Programs.watchctl]
          + arguments + (isState ? ["--state", sandbox.state] : []),
        environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": ""].merging(environment) {
          $1
        })
      #expect(outcome.end == .exit(0), "\(outcome.output)\(outcome.errorText)")
      return outcome.output
    }

    private func withoutColors(_ text: String) -> String {
      text.replacing(/\u{1B}\[\d+m/, with: "")
    }

    @Test(arguments: [80, 120, 200])
    func `status fits the terminal, and ids in it can be asked for`(columns: Int) async throws {
      try await load()
      let lines = withoutColors(try await shown(columns, ["status"]))
        .split(whereSeparator: \.isNewline)
      #expect(lines.count == 5)
      for line in lines {
        // The notes and the signs of one name take two columns each.
        let wide = line.unicodeScalars.count { $0.value > 0x2E7F }
        #expect(line.unicodeScalars.count + wide <= columns, "\(line)")
      }
      let failed = try #require(lines.first { $0.hasPrefix("failed") })
      let id = try #require(failed.split(separator: " ").first { $0.contains(/^[0-9a-f]{8}-/) })
      let why = try await sandbox.watchctl(["why", String(id)])
      #expect(why.output.hasPrefix("bad.csv: it failed"), "\(why.output)\(why.errorText)")
    }

    /// The pictures of `status --watch` so far, without colours, the newest last.
    private func pictures(_ watch: ChildProcess) throws -> [String] {
      // Each begins by going home, and erases what is left of each line.
      withoutColors(String(decoding: try watch.standardOutput(), as: UTF8.self))
        .replacing("\u{1B}[K", with: "").replacing("\u{1B}[J", with: "")
        .components(separatedBy: "\u{1B}[H").filter { $0.contains("\n") }
    }

    @Test(arguments: [80, 200])
    func `watching shows how far a running file is, how fast, how long, and that it stands still`(
      columns: Int
    ) async throws {
      let large = try await sandbox.generate(rows: 6_000_000)
      let daemon = try await sandbox.daemon(["--memory", "16MiB"])
      let watch = try ChildProcess(
        Programs.env,
        ["python3", Programs.script("terminal.py"), String(columns), Programs.watchctl]
          + ["status", "--watch", "--state", sandbox.state],
        environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": ""])
      try sandbox.moveIn(large)
      // On the narrow one the bar has a line of its own.
      let moving =
        columns == 80
        ? /running  large\.csv .*[0-9a-f]\r\n  \d+% \[#*\.*\]  [\d.]+ [KMG]?i?B  [\d.]+ [KMG]iB\/s  \d+ (s|min) left/
        : /running  large\.csv .*\d+% \[#*\.*\]  [\d.]+ [KMG]?i?B  [\d.]+ [KMG]iB\/s  \d+ (s|min) left/
      try await eventually("a picture with a rate") {
        try pictures(watch).contains { $0.contains(moving) }
      }
      daemon.freeze()
      if columns == 200 {
        try await eventually("a picture that says that it stands still") {
          try pictures(watch).contains {
            $0.contains(/\[#*\.*\]  [\d.]+ [KMG]?i?B  stalled for \d+ s/)
          }
        }
      }
      for line in try pictures(watch).dropLast().flatMap({ $0.split(whereSeparator: \.isNewline) })
      {
        #expect(line.count <= columns, "\(line)")
      }
      #expect(try !pictures(watch).contains { $0.contains("does not run") })
      try await daemon.kill()
      try await eventually("a picture that says that nobody is at work") {
        try pictures(watch).last?.contains("\nThe daemon does not run: start watchd.") ?? false
      }
      watch.send(SIGKILL)
    }

    /// All is read in a second or two; what comes after it takes longer than a task may stand still.
    @Test func `a file that is read whole is said to be written, and not to stand still`()
      async throws
    {
      let large = try await sandbox.generate(rows: 2_000_000)
      let daemon = try await sandbox.daemon(["--memory", "16MiB"])
      // Neither LC_ALL nor LC_CTYPE: the last one that counts.
      let watch = try ChildProcess(
        Programs.env,
        ["-u", "LC_ALL", "-u", "LC_CTYPE", "python3", Programs.script("terminal.py"), "200"]
          + [Programs.watchctl, "status", "--watch", "--state", sandbox.state],
        // Python would set LC_CTYPE in place of such a LANG.
        environment: [
          "TERM": "xterm", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "NO_COLOR": "1",
        ])
      try sandbox.moveIn(large, as: "\u{E9}t\u{E9}.csv")
      let writing = /running .*100% \[#{20}\]  [\d.]+ MiB  writing result: (\d+) rows/
      func written() throws -> Set<Int> {
        Set(try pictures(watch).compactMap { $0.firstMatch(of: writing).flatMap { Int($0.1) } })
      }
      try await eventually(within: .seconds(120), "the result grows") { try written().count > 1 }
      let why = try await sandbox.watchctl(["why", "\u{E9}t\u{E9}.csv"])
      #expect(why.output.contains("it is read, 2000000 rows; its result is being written, "))
      daemon.freeze()
      try await eventually("it stands still") {
        try pictures(watch).last { $0.contains("running") }?
          .contains(/writing result: \d+ rows  stalled for \d+ s/) ?? false
      }
      daemon.thaw()
      try await eventually("it moves again") {
        try pictures(watch).last { $0.contains("running") }?.contains("stalled") == false
      }
      let before = try pictures(watch).count
      try await eventually(within: .seconds(120), "it is done") {
        try pictures(watch).contains { $0.contains("1 done") }
      }
      #expect(try !pictures(watch).dropFirst(before).contains { $0.contains("stalled") })
      // A terminal without UTF-8 gets ASCII, of names as well.
      #expect(try watch.standardOutput().allSatisfy { $0 < 0x80 })
      watch.send(SIGKILL)
      try await daemon.kill()
    }

    @Test func `colours are for terminals, and not where NO_COLOR is set`() async throws {
      try await load()
      #expect(try await shown(80, ["status"]).contains("\u{1B}[31mfailed"))
      #expect(
        try await !shown(80, ["status"], environment: ["NO_COLOR": "1"]).contains("\u{1B}"))
      #expect(try await !shown(80, ["status"], environment: ["TERM": "dumb"]).contains("\u{1B}"))
      let piped = try await sandbox.watchctl(["status"])
      #expect(!piped.output.contains("\u{1B}"))
      // A program gets whole ids and times.
      #expect(piped.output.contains(try await sandbox.receipt("bad.csv").taskID))
      #expect(piped.output.contains(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/))
    }

    /// Colours of a terminal's own aside, nothing of a name or a field moves its cursor or turns a line round.
    @Test(arguments: [
      ["status"], ["status", "EVIL"], ["status", "EVIL", "--json"], ["why", "EVIL"],
      ["why", "EVIL", "--json"], ["result", "EVIL"], ["totals"], ["totals", "--csv"],
      ["totals", "--json"], ["totals", "--plot"], ["query", "SELECT song, date FROM plays"],
      ["wait", "EVIL"], ["wait", "EVIL", "--json"], ["check", "EVIL"], ["process", "EVIL"],
    ])
    func `what a name or a field holds is escaped, in JSON and CSV as well`(command: [String])
      async throws
    {
      let evil = "\u{1B}]0;t\u{7}\u{202E}\u{9B}2J\u{2028}.csv"
      let text = "Song,Date,Number of Plays\nA\u{202E}\u{1B}[2J\u{85},d\u{7F},1\n"
      try sandbox.drop(evil, text)
      #expect(try await sandbox.once().end == .exit(0))
      let path = sandbox.desk + "/" + evil
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let isFile = ["check", "process"].contains(command[0])
      let shown = try await shown(
        200, command.map { $0 == "EVIL" ? isFile ? path : evil : $0 }, isState: !isFile)
      #expect(shown.count > 10)
      let steering = withoutColors(shown).unicodeScalars.filter { scalar in
        switch scalar.properties.generalCategory {
        case .control: !"\r\n".unicodeScalars.contains(scalar)
        case .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
      }
      #expect(steering.isEmpty, "\(shown.debugDescription)")
      // A program gets the bytes as they are.
      if command[0] == "result" {
        #expect(try await sandbox.watchctl(["result", evil]).output.contains("A\u{202E}\u{1B}[2J"))
      }
    }

    @Test func `a reader that goes away is no error, whatever is printed`() async throws {
      try await load()
      for command in ["status", "status --json", "status bad.csv", "why bad.csv", "--help"] {
        let outcome = try await run(
          "/bin/bash",
          [
            "-c",
            "set -o pipefail; WATCHD_STATE=\(sandbox.state) \(Programs.watchctl) \(command) | true",
          ])
        #expect(outcome.end == .exit(0), "\(command): \(outcome.errorText)")
        #expect(outcome.errorText.isEmpty, "\(command): \(outcome.errorText)")
      }
    }

    @Test(
      arguments: [
        ["status"], ["why", "bad.csv"], ["totals"], ["query", "SELECT name FROM manifest"],
        ["wait", "bad.csv"], ["doctor"], ["check", "/dev/null"],
      ])
    func `every command that prints has JSON`(command: [String]) async throws {
      try await load()
      let state = command[0] == "check" ? [] : ["--state", sandbox.state]
      let outcome = try await run(Programs.watchctl, command + ["--json"] + state)
      #expect(!outcome.standardOutput.isEmpty, "\(outcome.errorText)")
      _ = try JSONSerialization.jsonObject(with: outcome.standardOutput)
    }

    @Test func `help names every command and its exit codes`() async throws {
      let help = try await run(Programs.watchctl, ["--help"])
      for command in [
        "status", "why", "wait", "submit", "totals", "query", "result", "check", "process",
        "generate", "backup", "doctor",
      ] {
        #expect(help.output.contains("\n  \(command) "), "\(command)")
        let own = try await run(Programs.watchctl, [command, "--help"])
        #expect(own.end == .exit(0) && own.output.hasPrefix("OVERVIEW: "), "\(command)")
      }
      let wait = try await run(Programs.watchctl, ["wait", "--help"])
      for code in ["0:", "2:", "3:", "4:", "124:"] { #expect(wait.output.contains(code)) }
    }
  }
}
