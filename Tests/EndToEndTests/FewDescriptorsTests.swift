import Foundation
import TestSupport
import Testing

extension Disasters {
  /// A daemon that may open hardly more files than it has open when it is idle (31), while many send to it.
  @Suite struct FewDescriptors {
    /// The limit is there at its start, by which it can reckon; or it is set while it runs, when it cannot.
    @Test(arguments: [(64, 0), (1024, 60)])
    func
      `short of descriptors it refuses uploads, the inbox goes on, and what was answered 202 counts once`(
        atStart: Int, later: Int
      ) async throws
    {
      let sandbox = try Sandbox()
      let (daemon, door) = try await sandbox.openDoor(
        ["--rescan", "200ms"], openFiles: atStart)
      if later > 0 {
        let limited = try await run(
          "/usr/bin/env",
          ["prlimit", "--pid", "\(daemon.processID)", "--nofile=\(later):\(later)"])
        #expect(limited.end == .exit(0), "\(limited.errorText)")
      }
      async let uploads = door.many(Soak.count(200, 1000), width: 50)
      let dropped = (1...100).map { "dropped-\($0).csv" }
      for name in dropped { try sandbox.drop(name, Sandbox.plays(1, song: name)) }
      let answers = try await uploads
      try await eventually("what was dropped is taken, and all tasks are over") {
        let running = try await sandbox.value(
          "SELECT COUNT(*) FROM manifest WHERE status IN ('queued', 'running')")
        return try running == "0" && sandbox.names(in: sandbox.inbox).isEmpty
      }
      let counts = Dictionary(grouping: answers) { $0 }.mapValues(\.count)
      Soak.announce("\(atStart) descriptors, then \(later): answers \(counts)")
      #expect(Set(counts.keys).isSubset(of: [0, 202, 429, 503]), "\(counts)")
      #expect(counts[202] != nil, "\(counts)")

      let names = try await sandbox.query("SELECT name FROM manifest").compactMap { $0["name"] }
      #expect(Set(names).count == names.count)
      let taken = answers.indices.filter { answers[$0] == 202 }.map { "sent-\($0).csv" }
      #expect(Set(names) == Set(taken + dropped))
      #expect(try await sandbox.statuses() == ["done": names.count])
      #expect(try await sandbox.playsSum() == names.count)
      // While it runs: nothing waits for a start to be removed.
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work") == [])
      #expect(try await door.get("/healthz").status == 200)
      #expect(try await daemon.stop() == .exit(0))
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
    }
  }
}
