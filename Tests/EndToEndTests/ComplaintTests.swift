import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What `watchctl` says to somebody who has yet to learn it: one sentence, with what to do.
  @Suite struct Complaints {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let mistakes: [(arguments: [String], words: String)] = [
      (
        ["stauts"],
        "there is no command \"stauts\"; did you mean status? watchctl --help lists them all"
      ),
      (["ls"], "there is no command \"ls\"; watchctl --help lists them all"),
      (["help", "stauts"], "did you mean status?"),
      (["status", "a", "b"], "Unexpected argument 'b'; see watchctl status --help"),
      (
        ["status", "--limit", "many"],
        "'many' is invalid for '--limit <N>'; see watchctl status --help"
      ),
      (["status", "--limit", "0"], "--limit takes a number from 1 on"),
      (
        ["status", "--status", "fine"],
        "queued, running, done, duplicate, failed, cancelled; see watchctl"
      ),
      (["status", "--stauts", "failed"], "Did you mean '--status'? See watchctl status --help"),
      (["status", "--since", "yesterday"], "'yesterday' is invalid for '--since <TIME>'; see"),
      (["wait"], "Missing expected argument '<TASK> ...'; see watchctl wait --help"),
      (["wait", "-dash.csv"], "-dash.csv is no option; where it is a name, put -- before it"),
      (["cancel", ""], "TASK is empty"), (["why", ""], "FILE is empty"),
      (["backup", "/tmp", "--force"], "/tmp is a directory; name a file"),
      (["status", "--\u{1B}[31m"], "--\\u{1B}[31m"), (["\u{202E}"], "\\u{202E}"),
      (
        ["status", "--state", "/no/\u{1B}[5m"], "/no/\\u{1B}[5m/watchd.db: name the state directory"
      ),
    ]

    @Test(arguments: mistakes.indices)
    func `a mistake is told in one sentence that says what to do`(index: Int) async throws {
      let (arguments, words) = Self.mistakes[index]
      #expect(try await sandbox.once().end == .exit(0))
      let outcome = try await run(
        Programs.watchctl, arguments, environment: ["WATCHD_STATE": sandbox.state])
      #expect(outcome.end == .exit(2) || outcome.end == .exit(1), "\(outcome.output)")
      #expect(outcome.output == "")
      #expect(outcome.errorText.hasPrefix("watchctl: "), "\(outcome.errorText)")
      #expect(outcome.errorText.contains(words), "\(outcome.errorText)")
      #expect(outcome.errorText.split(separator: "\n").count == 1, "\(outcome.errorText)")
      #expect(!outcome.errorText.contains("\u{1B}") && !outcome.errorText.contains("\u{202E}"))
    }

    @Test func `a name that begins with a dash is one behind two dashes`() async throws {
      try sandbox.drop("-dash.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      let why = try await sandbox.watchctl(["why", "--", "-dash.csv"])
      #expect(why.output.hasPrefix("-dash.csv: it is loaded"), "\(why.output)\(why.errorText)")
    }

    @Test func `both programs say their version, which is that of the package`() async throws {
      let package =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
        + "/Packaging/debian/version"
      let version = try String(contentsOfFile: package, encoding: .utf8)
      for (program, name) in [(Programs.watchd, "watchd"), (Programs.watchctl, "watchctl")] {
        let outcome = try await run(program, ["--version"])
        #expect(outcome.end == .exit(0), "\(outcome.errorText)")
        #expect(outcome.output == "\(name) \(version)")
      }
    }

    @Test func `tasks since a day, a time and a while ago`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      for (since, isThere) in [
        ("2020-01-31", true), ("2999-01-31", false), ("2020-01-31T10:00:00Z", true),
        ("2999-01-31T10:00:00.123Z", false), ("2h", true),
      ] {
        let listed = try await sandbox.watchctl(["status", "--since", since])
        #expect(
          listed.output.contains("a.csv") == isThere,
          "\(since): \(listed.output)\(listed.errorText)")
      }
    }
  }
}
