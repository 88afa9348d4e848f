import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Where other programs of the user have all watches (fs.inotify.max_user_watches, inotify(7)).
  @Suite struct WatchLimit {
    @Test
    func
      `without a watch to be had files are found by looking, the log says so, and events tell again once there is one`()
      async throws
    {
      let sandbox = try Sandbox()
      let refusing = sandbox.outbox + "/.watches"
      try Data().write(to: URL(fileURLWithPath: refusing))
      let begin = ContinuousClock.now
      let (daemon, door) = try await sandbox.openDoor(
        ["--rescan", "200ms"],
        environment: ["LD_PRELOAD": Programs.preloaded, "NO_WATCHES_WHILE": refusing])
      for number in 1...3 {
        try sandbox.drop("\(number).csv", Sandbox.plays(number, song: "\(number)"))
        try await sandbox.awaitAllFinished(number)
      }
      let told = try daemon.log().filter { $0.message.contains("the inbox is not watched") }
      #expect(told.map(\.level) == ["error"])
      #expect(told.first?.message.contains("fs.inotify.max_user_watches") == true, "\(told)")
      // A watch that fails is no reason to look at once again.
      let looks = try await door.get("/metrics").text.firstMatch(
        of: /\nwatchd_inbox_rescans_total ([0-9]+)\n/)
      let looked = try #require((looks?.1).flatMap { Int($0) })
      let elapsed = ContinuousClock.now - begin
      #expect(looked <= Int(elapsed / .milliseconds(200)) + 1, "\(looked) looks in \(elapsed)")
      let foundByLooking = "\nwatchd_inbox_found_by_rescan_total 3\n"
      #expect(try await door.get("/metrics").text.contains(foundByLooking))
      try FileManager.default.removeItem(atPath: refusing)
      try await eventually("the inbox is watched") {
        try daemon.log().contains { $0.message.contains("is watched again") }
      }
      // Of which no look is meant to find any before its event does.
      let before = try await door.get("/metrics").text
      #expect(before.contains(foundByLooking))
      for number in 4...8 {
        try sandbox.drop("\(number).csv", Sandbox.plays(number, song: "\(number)"))
        try await sandbox.awaitAllFinished(number)
      }
      let metrics = try await door.get("/metrics").text
      #expect(metrics.contains("\nwatchd_inbox_claimed_total 8\n"), "\(metrics)")
      #expect(!metrics.contains("\nwatchd_inbox_found_by_rescan_total 8\n"), "\(metrics)")
      #expect(metrics.contains("watchd_inbox_last_event_timestamp_seconds"), "\(metrics)")
      #expect(try await sandbox.statuses() == ["done": 8])
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
