import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Bursts {
    /// More than `fs.inotify.max_queued_events` (16,384 by default, inotify(7)) while nobody reads:
    /// the kernel drops events, and only a scan finds those files.
    @Test func `twenty thousand files at once are each counted exactly once`() async throws {
      let limit = try String(
        contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
      let queue = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
      try #require(queue < 20_000, "this machine's queue holds the whole burst")
      // In memory, so that 20,000 receipts and results cost no disk.
      let sandbox = try Sandbox(root: Sandbox.memory)
      let daemon = try await sandbox.daemon()
      daemon.freeze()
      let made = try await Programs.python("inputs.py", ["many", "20000", sandbox.inbox])
      #expect(made.end == .exit(0))
      daemon.thaw()
      try await sandbox.awaitAllFinished(20_000, within: .seconds(480))
      #expect(try await sandbox.statuses() == ["done": 20_000])
      #expect(try await sandbox.playsSum() == 20_000)
      #expect(
        try await sandbox.value("SELECT COUNT(DISTINCT song) FROM plays") == "20000")
      #expect(
        try await sandbox.value("SELECT COUNT(DISTINCT name) FROM manifest") == "20000")
      #expect(try sandbox.names(in: sandbox.outbox).count == 40_000)
      #expect(try sandbox.names(in: sandbox.inbox).isEmpty)
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
