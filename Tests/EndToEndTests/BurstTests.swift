import Foundation
import TestSupport
import Testing

extension Disasters {
  /// More files at once than the kernel tells of, and what the daemon holds while it works them off.
  @Suite struct Bursts {
    /// More than `fs.inotify.max_queued_events` (16,384 by default, inotify(7)) while nobody reads:
    /// the kernel drops events, and only a scan finds those files.
    @Test func `tens of thousands of files at once are each counted exactly once`() async throws {
      let limit = try String(
        contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
      let queue = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
      // In the soak more than the queue is to hold.
      let count = Soak.count(20_000, 200_000)
      try #require(queue < count, "this machine's queue holds the whole burst")
      let sandbox = try await workedOff(count, ["many", "\(count)"])
      #expect(try await sandbox.statuses() == ["done": count])
      #expect(try await sandbox.playsSum() == count)
      #expect(
        try await sandbox.value("SELECT COUNT(DISTINCT song) FROM plays") == "\(count)")
    }

    /// As 25 stations send the same file 4,000 times.
    @Test(arguments: ["reuse", "load"])
    func `copies of a few files at once each have their result, and count as on-duplicate says`(
      onDuplicate: String
    ) async throws {
      let (stations, count) = (25, Soak.count(1000, 100_000))
      let sandbox = try await workedOff(
        count, ["copies", "\(stations)", "\(count)"], ["--on-duplicate", onDuplicate])
      let once = (1...stations).reduce(0, +)
      if onDuplicate == "reuse" {
        #expect(
          try await sandbox.statuses() == ["done": stations, "duplicate": count - stations])
        #expect(try await sandbox.playsSum() == once)
      } else {
        #expect(try await sandbox.statuses() == ["done": count])
        #expect(try await sandbox.playsSum() == once * (count / stations))
      }
      let wrong = try (0..<count).filter { number in
        let station = number % stations
        return try sandbox.result("\(number).csv")
          != Sandbox.total(station + 1, song: "Station \(station)")
      }
      #expect(wrong == [])
    }

    /// Has a daemon find so many files at once, each of which has a task, a result and a receipt of its own afterwards.
    private func workedOff(
      _ count: Int, _ files: [String], _ flags: [String] = []
    ) async throws -> Sandbox {
      // In memory, so that 200,000 receipts and results cost no disk.
      let sandbox = try Sandbox(root: Sandbox.memory)
      let daemon = try await sandbox.daemon(flags)
      daemon.freeze()
      let made = try await Programs.python("inputs.py", files + [sandbox.inbox])
      #expect(made.end == .exit(0), "\(made.errorText)")
      daemon.thaw()
      let (first, second) = try await heldWhileWorking(daemon, sandbox, count)
      Soak.announce("\(count) files \(flags): held \(first), then \(second)")
      // Flat: what one more file leaves behind is no descriptor, and less than 200 bytes; what threads and SQLite keep for
      // themselves grows on for a while, which a few files cannot be told from.
      if count >= 20_000 {
        let most = max(count / 2 * 200, 24 << 20)
        #expect(second.memory - first.memory < most, "\(first), then \(second)")
        #expect(max(first.claimed, second.claimed) <= 100_300, "\(first), then \(second)")
        #expect(second.descriptors <= first.descriptors + 8, "\(first), then \(second)")
      }
      let names = "SELECT COUNT(DISTINCT name) FROM manifest"
      #expect(try await sandbox.value(names) == "\(count)")
      #expect(try sandbox.names(in: sandbox.outbox).count == 2 * count)
      #expect(try sandbox.names(in: sandbox.inbox).isEmpty)
      #expect(try await daemon.stop() == .exit(0))
      return sandbox
    }

    /// The most of each, as far as was looked.
    private struct Held: CustomStringConvertible {
      var memory = 0
      var descriptors = 0
      /// Files that are taken out of the inbox and not over, those that are worked on and the batch that is recorded next among
      /// them.
      var claimed = 0

      var description: String {
        "\(memory >> 20) MiB, \(descriptors) descriptors and \(claimed) files"
      }
    }

    /// Awaits the end of all files, and looks meanwhile.
    ///
    /// - Returns: What was held until half of them were over, and from then on.
    private func heldWhileWorking(
      _ daemon: RunningDaemon, _ sandbox: Sandbox, _ count: Int
    ) async throws -> (Held, Held) {
      var halves = [Held(), Held()]
      try await sandbox.awaitAllFinished(count, within: .seconds(1800)) { over in
        let half = over < count / 2 ? 0 : 1
        halves[half].memory = max(halves[half].memory, try daemon.anonymousMemory())
        halves[half].claimed = max(
          halves[half].claimed, try sandbox.names(in: sandbox.state + "/work").count)
        halves[half].descriptors = max(halves[half].descriptors, try daemon.openDescriptors())
      }
      return (halves[0], halves[1])
    }
  }
}
