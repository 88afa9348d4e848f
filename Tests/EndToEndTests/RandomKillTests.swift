import Foundation
import TestSupport
import Testing

extension Disasters {
  /// The daemon as a service, killed again and again at moments that nobody chose, while files of all kinds
  /// come in; the moments come from a seed, what the machine makes of them does not.
  @Suite struct RandomKills {
    private let sandbox: Sandbox
    private let inputs: String

    init() throws {
      sandbox = try Sandbox(root: Sandbox.memory)
      inputs = sandbox.desk + "/inputs"
      try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: false)
    }

    private func make(_ arguments: [String]) async throws {
      let made = try await Programs.python("inputs.py", arguments)
      #expect(made.end == .exit(0), "\(made.errorText)")
    }

    @Test func `however often it is killed, every file counts once`() async throws {
      let kills = Soak.count(40, 500)
      let flags = ["--max-rejects", "all", "--memory", "2MiB"]
      var dice = SeededGenerator(seed: Soak.seed)
      Soak.announce("\(kills) kills at random moments")
      // A check of a change is about kills, so its files are the same each time.
      let seed = Soak.isOn ? Soak.seed : 301
      try await make(["random", "\(seed)", "\(kills * 8)", inputs])
      // Large ones, on which several starts go on from where the last one was killed.
      for number in 1...Soak.count(2, 10) {
        try await make(
          [
            "large", "\(seed &+ UInt64(number))", "200000", "60000",
            inputs + "/large-\(number).csv",
          ])
      }
      // All of some files' bytes again.
      let originals = try sandbox.names(in: inputs)
      for (number, name) in originals.shuffled(using: &dice).prefix(kills / 2).enumerated() {
        try FileManager.default.copyItem(
          atPath: inputs + "/" + name, toPath: inputs + "/again-\(number).csv")
      }
      var waiting = try sandbox.names(in: inputs).shuffled(using: &dice)
      let all = waiting.count
      let share = all / kills + 1
      for _ in 1...kills {
        let daemon = try RunningDaemon(sandbox.flags() + flags)
        for name in waiting.prefix(share) { try drop(name, renamed: Bool.random(using: &dice)) }
        waiting.removeFirst(min(share, waiting.count))
        try await pass(.milliseconds(Int.random(in: 20...250, using: &dice)))
        try await daemon.kill()
      }
      for name in waiting { try drop(name, renamed: true) }
      let daemon = try await sandbox.daemon(flags)
      try await sandbox.awaitAllFinished(all, within: .seconds(600))
      #expect(try await daemon.stop() == .exit(0))
      try await expectEachOnce(all)
    }

    private func drop(_ name: String, renamed: Bool) throws {
      let contents = try Data(contentsOf: URL(fileURLWithPath: inputs + "/" + name))
      if renamed {
        try sandbox.drop(name, contents)
      } else {
        try contents.write(to: URL(fileURLWithPath: sandbox.inbox + "/" + name))
      }
    }

    private func expectEachOnce(_ all: Int) async throws {
      let outbox = try await sandbox.differences(from: inputs, ["--max-rejects", "all"])
      #expect(outbox == [], "\(outbox.prefix(20).joined(separator: "\n"))")
      let rows = try await sandbox.databaseDifferences(from: inputs, ["--max-rejects", "all"])
      #expect(rows == [], "\(rows.prefix(20).joined(separator: "\n"))")
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
      #expect(
        try await sandbox.value(
          "SELECT (SELECT COUNT(*) FROM play_rows) - (SELECT COUNT(*) FROM plays)") == "0")
      // The same bytes count once, under whichever name they came first.
      #expect(
        try await sandbox.value(
          """
          SELECT COUNT(*) - COUNT(DISTINCT sha256) FROM manifest WHERE status = 'done'
          """) == "0")
      #expect(try sandbox.names(in: sandbox.inbox) == [])
      for folder in ["/work", "/archive"] {
        let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.state + folder)
        #expect(names.count == (folder == "/work" ? 0 : all))
      }
    }
  }
}

/// Lets time pass, for a moment that no event marks.
func pass(_ duration: Duration) async throws {
  let end = ContinuousClock.now + duration
  try await eventually("\(duration) have passed") { ContinuousClock.now >= end }
}
