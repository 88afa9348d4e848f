import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The clock of the machine is set while the daemon runs, as `Tests/FaultShim/Clock.c` has it see that.
  @Suite struct Clocks {
    private let sandbox: Sandbox
    private let clock: String

    init() throws {
      sandbox = try Sandbox()
      clock = sandbox.desk + "/clock"
    }

    /// In place, for the daemon has the file mapped; in the order of the processors that watchd is built for.
    private func set(_ seconds: Int64) throws {
      let bytes = Data((0..<8).map { UInt8(truncatingIfNeeded: seconds >> (8 * $0)) })
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: clock))
      try file.write(contentsOf: bytes)
      try file.close()
    }

    @Test(arguments: [3600, -3600] as [Int64])
    func `whoever waits for a while waits no longer for it`(offset: Int64) async throws {
      try Data(count: 8).write(to: URL(fileURLWithPath: clock))
      let config = sandbox.desk + "/watchd.yaml"
      try Data("max-rejects: 0\n".utf8).write(to: URL(fileURLWithPath: config))
      let daemon = try RunningDaemon(
        sandbox.flags() + ["--config", config],
        environment: ["LD_PRELOAD": Programs.preloaded, "CLOCK_OFFSET": clock])
      try await daemon.awaitReady()
      try set(offset)
      // Seen by a look once a second, and a wait that began with the new clock is among those until then.
      for number in 1...3 {
        try Data("max-rejects: \(number)0\n".utf8).write(to: URL(fileURLWithPath: config))
        try await eventually("change \(number) is seen") {
          try daemon.log().count { $0.message == "the settings were read anew" } == number
        }
      }
      // Written in place: it has to hold still.
      let plays = Data(Sandbox.plays(1).utf8)
      try plays.write(to: URL(fileURLWithPath: sandbox.inbox + "/a.csv"))
      #expect(try await sandbox.receipt("a.csv").status == "done")
      #expect(try await daemon.stop() == .exit(0))
    }

    /// In seconds; the first is none.
    private static let jumps: [Int64] = [0, -3600, 31_536_000, -31_536_000, 0]

    @Test func `a clock that jumps loses no file, makes none twice and wakes what waits`()
      async throws
    {
      try Data(count: 8).write(to: URL(fileURLWithPath: clock))
      let daemon = try RunningDaemon(
        sandbox.flags() + ["--rescan", "200ms"],
        environment: ["LD_PRELOAD": Programs.preloaded, "CLOCK_OFFSET": clock])
      try await daemon.awaitReady()
      var years: Set<String> = []
      for (number, seconds) in Self.jumps.enumerated() {
        try set(seconds)
        try sandbox.drop("renamed-\(number).csv", Sandbox.plays(1, song: "Renamed \(number)"))
        // This one has to hold still, by whichever clock.
        try Data(Sandbox.plays(1, song: "Written \(number)").utf8).write(
          to: URL(fileURLWithPath: sandbox.inbox + "/written-\(number).csv"))
        try await sandbox.awaitAllFinished(2 * (number + 1))
        let queued = try await sandbox.value(
          "SELECT queued_at FROM manifest WHERE name = 'renamed-\(number).csv'")
        years.insert(String(try #require(queued).prefix(4)))
      }
      // The daemon did see another clock.
      #expect(years.count == 3, "\(years)")
      // What was taken under the clock of next year is known under that of last year.
      try sandbox.drop("again.csv", Sandbox.plays(1, song: "Renamed 2"))
      try await sandbox.awaitAllFinished(2 * Self.jumps.count + 1)
      #expect(
        try await sandbox.statuses() == ["done": 2 * Self.jumps.count, "duplicate": 1])
      #expect(
        try await sandbox.value("SELECT COUNT(DISTINCT task_id) FROM manifest")
          == "\(2 * Self.jumps.count + 1)")
      #expect(try await sandbox.playsSum() == 2 * Self.jumps.count)
      #expect(try await daemon.stop() == .exit(0))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
    }
  }
}
