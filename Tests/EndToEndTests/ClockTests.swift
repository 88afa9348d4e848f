import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The clock of the wall is set while the daemon runs: back by an hour, forward by a year.
  ///
  /// Only the daemon's clock is (`Tests/FaultShim`); the kernel's times of the files stay, which is worse than the truth.
  @Suite struct Clock {
    /// In seconds; the first is none.
    private static let errors: [Int64] = [0, -3600, 31_536_000, -31_536_000, 0]

    @Test func `a clock that jumps loses no file, makes none twice and wakes what waits`()
      async throws
    {
      let sandbox = try Sandbox()
      let clock = sandbox.desk + "/clock"
      let file = try Self.clockFile(clock)
      let daemon = try RunningDaemon(
        sandbox.flags() + ["--rescan", "200ms"],
        environment: ["LD_PRELOAD": Programs.faultShim, "FAULT_CLOCK": clock])
      try await daemon.awaitReady()
      var years: Set<String> = []
      for (number, seconds) in Self.errors.enumerated() {
        try Self.set(file, to: seconds)
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
      try await sandbox.awaitAllFinished(2 * Self.errors.count + 1)
      #expect(
        try await sandbox.statuses() == ["done": 2 * Self.errors.count, "duplicate": 1])
      #expect(
        try await sandbox.value("SELECT COUNT(DISTINCT task_id) FROM manifest")
          == "\(2 * Self.errors.count + 1)")
      #expect(try await sandbox.playsSum() == 2 * Self.errors.count)
      #expect(try await daemon.stop() == .exit(0))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
    }

    private static func clockFile(_ path: String) throws -> FileHandle {
      try Data(count: 8).write(to: URL(fileURLWithPath: path))
      return try FileHandle(forUpdating: URL(fileURLWithPath: path))
    }

    private static func set(_ file: FileHandle, to seconds: Int64) throws {
      try file.seek(toOffset: 0)
      try file.write(contentsOf: Data(unsafe withUnsafeBytes(of: seconds) { unsafe Array($0) }))
    }
  }
}
