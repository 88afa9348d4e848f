import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl prune` and the setting `retention`.
  @Suite struct Prune {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private struct Answer: Decodable {
      let tasks: Int
      let rows: Int
      let files: Int
      let left: Int
      let dryRun: Bool
    }

    private func prune(_ flags: [String]) async throws -> Answer {
      let outcome = try await sandbox.watchctl(["prune", "--json"] + flags)
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Answer.self, from: outcome.standardOutput)
    }

    @Test(arguments: [true, false])
    func `what is old goes, with the daemon up and down, and nothing else`(isUp: Bool) async throws
    {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("old.csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", "Song,Date,Number of Plays\nA,d,x\n")
      try await sandbox.awaitAllFinished(2)
      let ended = Date()
      try await eventually("two seconds pass") { Date().timeIntervalSince(ended) > 2.1 }
      try sandbox.drop("new.csv", Sandbox.plays(20))
      try await sandbox.awaitAllFinished(3)
      if !isUp { #expect(try await daemon.stop() == .exit(0)) }
      let foreseen = try await prune(["--older-than", "2s", "--dry-run"])
      #expect(foreseen.dryRun && foreseen.tasks == 2 && foreseen.rows == 1)
      #expect(try await sandbox.playsSum() == 21)
      let removed = try await prune(["--older-than", "2s"])
      #expect(!removed.dryRun && removed.tasks == 2 && removed.rows == 1 && removed.left == 0)
      #expect(removed.files == foreseen.files && removed.files == 6)
      #expect(try await sandbox.playsSum() == 20)
      #expect(try sandbox.names(in: sandbox.outbox) == ["new.csv", "new.csv.receipt.json"])
      #expect(try sandbox.names(in: sandbox.state + "/archive").count == 1)
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
      // Every file that was ever dropped still has a status.
      let why = try await sandbox.watchctl(["why", "old.csv"])
      #expect(why.output.contains("its rows do not count any more"), "\(why.output)")
      let result = try await sandbox.watchctl(["result", "old.csv"])
      #expect(result.end == .exit(1))
      #expect(result.errorText.contains("retention"), "\(result.errorText)")
      let nothing = try await sandbox.watchctl(["prune", "--older-than", "1h"])
      #expect(nothing.output.hasPrefix("Nothing ended before 20"), "\(nothing.output)")
      if isUp { #expect(try await daemon.stop() == .exit(0)) }
      // And the same bytes are still the same bytes.
      try sandbox.drop("again.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.receipt("again.csv").status == "duplicate")
      #expect(try await sandbox.playsSum() == 20)
    }

    @Test func `the daemon's retention is what counts where none is named`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once(["--retention", "off"]).end == .exit(0))
      let off = try await sandbox.watchctl(["prune"])
      #expect(off.end == .exit(1))
      #expect(off.errorText.contains("retention of this daemon is off"), "\(off.errorText)")
      // The default.
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await prune([]).tasks == 0)
      #expect(try await sandbox.playsSum() == 1)
      let wrong = try await sandbox.watchctl(["prune", "--older-than", "soon"])
      #expect(wrong.end == .exit(2))
    }

    @Test func `a daemon removes what is older than its retention by itself`() async throws {
      let daemon = try await sandbox.daemon(["--retention", "1s"])
      try sandbox.drop("a.csv", Sandbox.plays(1))
      try await eventually("the file's rows and results are gone") {
        guard sandbox.hasDatabase() else { return false }
        return try await sandbox.value("SELECT 1 AS n FROM manifest WHERE pruned_at IS NOT NULL")
          == "1"
      }
      try await eventually("the log says so") {
        try daemon.log().contains { $0.message == "removed what is older than the retention" }
      }
      #expect(try sandbox.names(in: sandbox.outbox) == [])
      #expect(try await sandbox.playsSum() == 0)
      #expect(try await daemon.stop() == .exit(0))
    }

    /// Before each call that changes what a next run finds: a removal, a sync, a new or a shortened file.
    @Test func `killed at any step it leaves nothing half, and the next one ends it`() async throws
    {
      for number in 1...3 { try sandbox.drop("\(number).csv", Sandbox.plays(number)) }
      #expect(try await sandbox.once().end == .exit(0))
      var step = 0
      var end = ChildProcess.End.signal(SIGKILL)
      while end == .signal(SIGKILL) {
        step += 1
        let place = try Sandbox(copyOf: sandbox, root: Sandbox.memory)
        // The copy is to know its own folders.
        #expect(try await place.once().end == .exit(0))
        end = try await kill(place, at: step)
        // Whole files or nothing of them: 1, 2 and 3 plays.
        let sum = try await place.playsSum()
        #expect((0...6).contains(sum), "\(step)")
        #expect(
          try await place.value("SELECT count(*) AS n FROM plays")
            == place.value("SELECT count(DISTINCT task_id) AS n FROM plays"))
        let next = try await place.watchctl(["prune", "--older-than", "0s"])
        #expect(next.end == .exit(0), "\(step): \(next.errorText)")
        #expect(try place.names(in: place.outbox) == [], "\(step)")
        #expect(try place.names(in: place.state + "/archive") == [], "\(step)")
        #expect(try await place.playsSum() == 0)
        #expect(try await place.value("SELECT count(*) AS n FROM play_rows") == "0")
        #expect(try await place.value("SELECT count(*) AS n FROM manifest") == "3")
        #expect(try await place.value("SELECT count(*) AS n FROM fingerprints") == "3")
        #expect(try await place.value("PRAGMA integrity_check") == "ok")
      }
      #expect(end == .exit(0))
      // Nine removals of files, three of folders, and the syncs.
      #expect(step > 12)
    }

    private func kill(_ place: Sandbox, at step: Int) async throws -> ChildProcess.End {
      let fault = Fault(
        action: .killBefore, calls: [.sync, .unlink, .truncate, .create], number: step)
      let report = place.desk + "/report"
      return try await run(
        Programs.watchctl, ["prune", "--older-than", "0s", "--state", place.state],
        environment: fault.environment(report: report)
      ).end
    }
  }
}
