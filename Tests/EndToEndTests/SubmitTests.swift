import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl submit`: files are put into the inbox as a careful user would.
  @Suite struct Submit {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// Writes a file outside of every folder of the daemon, and returns its path.
    private func file(_ name: String, _ text: String) throws -> String {
      let path = sandbox.desk + "/" + name
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    private func everyEntry() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: sandbox.inbox).sorted()
    }

    @Test func `a submitted file lies whole in the inbox that the database names`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      let path = try file("a.csv", Sandbox.plays(1))
      let outcome = try await sandbox.watchctl(["submit", path])
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      #expect(outcome.output == "a.csv: in \(sandbox.inbox), 48 B\n")
      #expect(try everyEntry() == ["a.csv"])
      #expect(
        try String(contentsOfFile: sandbox.inbox + "/a.csv", encoding: .utf8) == Sandbox.plays(1))
      // The original stays where it was.
      #expect(try String(contentsOfFile: path, encoding: .utf8) == Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try sandbox.result("a.csv") == Sandbox.total(1))
    }

    @Test func `a name that is taken in the inbox is an error, and nothing is replaced`()
      async throws
    {
      #expect(try await sandbox.once().end == .exit(0))
      try sandbox.drop("a.csv", "another's")
      let taken = try file("a.csv", Sandbox.plays(1))
      let free = try file("b.csv", Sandbox.plays(2))
      let outcome = try await sandbox.watchctl(["submit", taken, free])
      #expect(outcome.end == .exit(1))
      #expect(outcome.errorText.contains("a.csv lies in"), "\(outcome.errorText)")
      #expect(outcome.errorText.split(separator: "\n").count == 1)
      #expect(try everyEntry() == ["a.csv", "b.csv"])
      #expect(
        try String(contentsOfFile: sandbox.inbox + "/a.csv", encoding: .utf8) == "another's")
    }

    @Test func `what the inbox would leave alone is refused`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      for name in ["notes.txt", ".a.csv", "a.csv.part"] {
        let outcome = try await sandbox.watchctl(["submit", try file(name, Sandbox.plays(1))])
        #expect(outcome.end == .exit(1))
        #expect(outcome.errorText.contains("would leave"), "\(outcome.errorText)")
      }
      let folder = sandbox.desk + "/folder.csv"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      let outcome = try await sandbox.watchctl(["submit", folder])
      #expect(outcome.errorText.contains("directory"), "\(outcome.errorText)")
      #expect(try await sandbox.watchctl(["submit", sandbox.desk + "/none.csv"]).end == .exit(1))
      #expect(try everyEntry().isEmpty)
    }

    @Test func `a pipe without a writer does not hold it up`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      let pipe = sandbox.desk + "/pipe.csv"
      #expect(unsafe mkfifo(pipe, 0o644) == 0)
      let outcome = try await run(
        Programs.watchctl, ["submit", pipe, "--state", sandbox.state], within: .seconds(20))
      #expect(outcome.end == .exit(1))
      #expect(outcome.errorText.contains("is a FIFO"), "\(outcome.errorText)")
      #expect(try everyEntry().isEmpty)
    }

    /// Names are bytes; bash writes those that are no text for us.
    @Test func `a name that is no UTF-8 is submitted, checked, asked for and found`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      func shell(_ command: String) async throws -> Outcome {
        try await run(
          "/bin/bash", ["-c", "cd \(sandbox.desk); \(command)"],
          environment: ["WATCHD_STATE": sandbox.state])
      }
      let name = "$'b\\xff\\xc3.csv'"
      let made = try await shell("printf 'Song,Date,Number of Plays\\nA,d,7\\n' > \(name)")
      #expect(made.end == .exit(0), "\(made.errorText)")
      let checked = try await shell("\(Programs.watchctl) check \(name)")
      #expect(checked.output == "b\\xFF\\xC3.csv: it would be loaded: 1 row read, 0 rejected\n")
      let submitted = try await shell("\(Programs.watchctl) submit ./\(name)")
      #expect(submitted.end == .exit(0), "\(submitted.errorText)")
      #expect(submitted.output.hasPrefix("b\\xFF\\xC3.csv: in "), "\(submitted.output)")
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.playsSum() == 7)
      let asked = try await shell("\(Programs.watchctl) why \(name)")
      #expect(
        asked.output.hasPrefix("b\\xFF\\xC3.csv: it is loaded: 1 row read"), "\(asked.output)")
      let result = try await shell("\(Programs.watchctl) result \(name)")
      #expect(result.output.hasSuffix("\nA,d,7\n"), "\(result.errorText)")
    }

    @Test func `waiting ends with the task of exactly this file`() async throws {
      let daemon = try await sandbox.daemon()
      // The same name again and again: each wait is for its own file.
      for (text, code) in [
        (Sandbox.plays(1), 0), ("Song,Date,Number of Plays\nA,d,x\n", 3), (Sandbox.plays(2), 0),
        (Sandbox.plays(2), 0), ("", 3),
      ] as [(String, Int32)] {
        let path = try file("a.csv", text)
        let outcome = try await sandbox.watchctl(["submit", "--wait", path])
        #expect(outcome.end == .exit(code), "\(outcome.output)\(outcome.errorText)")
      }
      #expect(try await sandbox.statuses() == ["done": 2, "duplicate": 1, "failed": 2])
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `waiting with JSON gives the tasks, and a time out is 124`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      let path = try file("a.csv", Sandbox.plays(1))
      let outcome = try await sandbox.watchctl(
        ["submit", "--wait", "--timeout", "100ms", "--json", path])
      #expect(outcome.end == .exit(124), "\(outcome.errorText)")
      let answer = try #require(
        try JSONSerialization.jsonObject(with: outcome.standardOutput) as? [String: Any])
      #expect(answer["timed_out"] as? [String] == ["a.csv"])
    }

    @Test func `an inbox may be named where there is no database yet`() async throws {
      let path = try file("a.csv", Sandbox.plays(1))
      let outcome = try await sandbox.watchctl(
        ["submit", "--inbox", sandbox.inbox, "--json", path])
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      let files = try #require(
        try JSONSerialization.jsonObject(with: outcome.standardOutput) as? [[String: Any]])
      #expect(files.map { $0["name"] as? String } == ["a.csv"])
      #expect(try everyEntry() == ["a.csv"])
      #expect(try await sandbox.watchctl(["submit", path]).end == .exit(1))
    }
  }
}
