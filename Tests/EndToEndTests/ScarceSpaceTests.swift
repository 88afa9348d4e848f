import Foundation
import TestSupport
import Testing

extension Disasters {
  /// `min-free` in the midst of a task, and of an upload: on small file systems in memory, which they themselves fill.
  @Suite(.enabled(Comment(rawValue: Mount.reason)) { await Mount.isPermitted() })
  struct ScarceSpace {
    private static let minFree = 8 << 20
    /// More than anything here writes.
    private static let ample = 256 << 20

    /// What is written when the space gets short, after some of the rows were loaded.
    enum Step: String, CaseIterable, Sendable {
      case rows
      case result
      case rejects

      /// Rows of 13 MB; or some, and then more of rejects than the outbox has room for.
      var text: String {
        let (all, good, length) = self == .rejects ? (12_000, 3_000, 1_750) : (30_000, 30_000, 400)
        let title = String(repeating: "A song with a long title,", count: length / 25)
        return "Song,Date,Number of Plays\n"
          + (0..<all).map { number in
            "\"\(title)\(number)\",2024-01-01,\(number < good ? "\(number)" : "none")\n"
          }.joined()
      }
    }

    @Test(arguments: Step.allCases)
    func
      `a task that gets short of space is undone to its last place, waits, and goes on by itself`(
        step: Step
      ) async throws
    {
      let text = step.text
      let state = try await Mount.memory(
        bytes: step == .rows ? text.utf8.count + Self.minFree + 5 << 20 : Self.ample)
      let outbox = try await Mount.memory(
        bytes: step == .rows ? Self.ample : Self.minFree + 6 << 20)
      let sandbox = try Sandbox(on: state, outboxOn: outbox)
      let inputs = try Self.keep(text, in: sandbox)
      let (daemon, door) = try await sandbox.openDoor([
        "--min-free", "\(Self.minFree)", "--memory", "1MiB", "--max-rejects", "all",
      ])
      try sandbox.moveIn(sandbox.desk + "/large.csv")
      let place = try await Self.waitingPlace(in: sandbox, door)
      #expect(try await sandbox.value("SELECT count(*) AS n FROM plays") == "0")
      #expect(try sandbox.names(in: sandbox.outbox) == [])
      let scarce = step == .rows ? state : outbox
      try await eventually("watchctl says why it waits") {
        let why = try await sandbox.watchctl(["why", "large.csv"]).output
        return why.contains("min-free") && why.contains(scarce.path)
      }
      let loaded = try await Self.batches(upTo: place, in: sandbox)
      #expect(!loaded.isEmpty)

      try await scarce.grow(to: Self.ample)
      try await sandbox.awaitAllFinished(1)
      // It went on from there: what had been loaded is where it was.
      #expect(try await Self.batches(upTo: place, in: sandbox) == loaded)
      #expect(try await daemon.stop() == .exit(0))
      let differences =
        try await sandbox.differences(from: inputs, ["--max-rejects", "all"])
        + sandbox.databaseDifferences(from: inputs, ["--max-rejects", "all"])
      #expect(differences == [], "\(differences.prefix(5))")
      // What was to stay free was never used up.
      let log = try daemon.logText()
      #expect(!log.contains { $0.contains("No space left on device") }, "\(log)")
    }

    /// Writes a file to the desk, and keeps it in a folder for the oracle as well.
    private static func keep(_ text: String, in sandbox: Sandbox) throws -> String {
      let inputs = sandbox.desk + "/inputs"
      try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: false)
      try Data(text.utf8).write(to: URL(fileURLWithPath: inputs + "/large.csv"))
      try FileManager.default.linkItem(
        atPath: inputs + "/large.csv", toPath: sandbox.desk + "/large.csv")
      return inputs
    }

    /// Awaits that the task is in the queue again for want of space, with its rows up to its last place and none behind it.
    ///
    /// - Returns: The last batch before that place.
    private static func waitingPlace(in sandbox: Sandbox, _ door: Door) async throws -> String {
      try await eventually("the task waits for space, undone to its last place") {
        let waiting = try await sandbox.value(
          """
          SELECT batch FROM manifest JOIN resume_points ON task = id
          WHERE status = 'queued' AND attempts > 0 AND batch = (SELECT max(number) FROM batches)
          """)
        let metrics = try await door.get("/metrics").text
        return metrics.contains("watchd_tasks_waiting{reason=\"space\"} 1") ? waiting : nil
      }
    }

    private static func batches(
      upTo number: String, in sandbox: Sandbox
    ) async throws -> [[String: String]] {
      try await sandbox.query(
        "SELECT number, first_row, last_row FROM batches WHERE number <= \(number) ORDER BY number")
    }

    @Test func `an upload that gets short of space is refused in its midst, and leaves nothing`()
      async throws
    {
      let disk = try await Mount.memory(bytes: 3 * Self.minFree)
      let sandbox = try Sandbox(on: disk)
      let (daemon, door) = try await sandbox.openDoor(["--min-free", "\(Self.minFree)"])
      // In chunks, so that nobody knows before how much comes: the disk has room for it, but not beside what is to stay free.
      let size = Self.minFree * 5 / 2
      let sent = try await run(
        "/bin/sh",
        [
          "-c", "head -c \(size) /dev/zero | curl -sS -T - -w '\\n%{http_code}' \"$0\"",
          door.base + "/inbox/large.csv",
        ])
      #expect(sent.output.hasSuffix("\n507"), "\(sent.output)\(sent.errorText)")
      #expect(sent.output.contains("min-free"), "\(sent.output)")
      try await eventually("nothing is left of what was sent") {
        try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work").isEmpty
      }
      #expect(try await sandbox.value("SELECT count(*) AS n FROM manifest") == "0")
      // For a small one there was room all the time.
      #expect(try await door.put("plays.csv", Data(Sandbox.plays(5).utf8)).status == 202)
      try await sandbox.awaitAllFinished(1)
      #expect(try sandbox.result("plays.csv") == Sandbox.total(5))
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
