import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl wait`: the exit code says how tasks end.
  @Suite struct Wait {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let twoBad = "Song,Date,Number of Plays\nA,d,1\nB,d,x\n"

    private func waiting(_ arguments: String...) throws -> ChildProcess {
      try ChildProcess(Programs.watchctl, ["wait", "--state", sandbox.state] + arguments)
    }

    @Test func `the exit code is that of the worst task`() async throws {
      try sandbox.drop("good.csv", Sandbox.plays(1))
      try sandbox.drop("some.csv", Self.twoBad)
      #expect(try await sandbox.once(["--max-rejects", "1"]).end == .exit(0))
      try sandbox.drop("again.csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", "")
      #expect(try await sandbox.once().end == .exit(1))
      for (tasks, code) in [
        (["good.csv"], 0), (["again.csv"], 0), (["some.csv"], 2), (["bad.csv"], 3),
        (["good.csv", "some.csv"], 2), (["bad.csv", "some.csv", "good.csv"], 3),
      ] as [([String], Int32)] {
        let outcome = try await sandbox.watchctl(["wait"] + tasks)
        #expect(outcome.end == .exit(code), "\(tasks): \(outcome.output)\(outcome.errorText)")
        #expect(outcome.output.split(separator: "\n").count == tasks.count)
      }
      let failed = try await sandbox.watchctl(["wait", "bad.csv"])
      #expect(failed.output.hasPrefix("bad.csv: it failed (empty): "), "\(failed.output)")
      #expect(try await sandbox.watchctl(["forget", "some.csv"]).end == .exit(0))
      let cancelled = try await sandbox.watchctl(["wait", "some.csv", "bad.csv"])
      #expect(cancelled.end == .exit(4), "\(cancelled.output)\(cancelled.errorText)")
    }

    @Test func `it waits for a file that lies in the inbox, and for a daemon`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      // An older task of the name is not what is waited for.
      try sandbox.drop("a.csv", "")
      #expect(try await sandbox.once().end == .exit(1))
      try sandbox.drop("a.csv", Sandbox.plays(1))
      let wait = try waiting("a.csv")
      let early = try await sandbox.watchctl(["wait", "a.csv", "--timeout", "0.2"])
      #expect(early.end == .exit(124), "\(early.errorText)")
      #expect(early.output == "a.csv: it is not over in time\n")
      #expect(wait.isRunning)
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await wait.end() == .exit(0))
    }

    @Test func `it ends when a running daemon ends the task`() async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await waiting("a.csv", "--timeout", "1m").end() == .exit(0))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `several tasks of which one is not over in time give 124, in JSON by name`()
      async throws
    {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      try sandbox.drop("late.csv", Sandbox.plays(2))
      let outcome = try await sandbox.watchctl(
        ["wait", "a.csv", "late.csv", "--timeout", "100ms", "--json"])
      #expect(outcome.end == .exit(124))
      let answer = try #require(
        try JSONSerialization.jsonObject(with: outcome.standardOutput) as? [String: Any])
      #expect(answer["timed_out"] as? [String] == ["late.csv"])
      let tasks = try #require(answer["tasks"] as? [[String: Any]])
      #expect(tasks.map { $0["status"] as? String } == ["done"])
    }

    @Test func `a task that nobody knows is refused at once`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      let outcome = try await sandbox.watchctl(["wait", "nobody.csv"])
      #expect(outcome.end == .exit(1))
      #expect(outcome.errorText.contains("nobody.csv"))
      let usage = try await sandbox.watchctl(["wait", "a.csv", "--timeout", "soon"])
      #expect(usage.end == .exit(2))
    }
  }
}
