import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// As many tasks as the queue is to hold, and a few that are tried at the moment.
  @Suite struct FullQueue {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let queued = """
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100500)
      INSERT INTO manifest (task_id, name, raw_name, status, size_bytes, queued_at)
      SELECT printf('01900000-0000-7000-8000-%012x', n), n || '.csv', CAST(n || '.csv' AS BLOB),
        'queued', 100, '2026-01-01T00:00:00.000Z' FROM numbers
      """

    private struct Answer: Decodable {
      let reason: String
      let sentence: String
    }

    @Test
    func `while as many files wait as are to, none is taken, and whoever asks or sends is told`()
      async throws
    {
      // Each waits for its next attempt, for want of space, so that the queue stays as it is.
      let flags = ["--min-free", "8000TiB"]
      #expect(try await sandbox.daemon(flags).stop() == .exit(0))
      let added = try await run(Programs.sqlite3, [sandbox.state + "/watchd.db", Self.queued])
      #expect(added.end == .exit(0), "\(added.errorText)")
      let (daemon, door) = try await sandbox.openDoor(flags)
      try sandbox.drop("late.csv", Sandbox.plays(1))
      let sent = try await door.put("sent.csv", Data(Sandbox.plays(5).utf8))
      #expect(sent.status == 503)
      #expect(sent.headers["retry-after"] != nil)
      #expect(try sent.problem().contains("more are taken when 50000 are left"))
      try await eventually("why says that it waits for room") {
        let run = try await sandbox.watchctl(["why", "--json", "late.csv"])
        let answer = try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8))
        return answer.reason == "queue-full"
          && answer.sentence.contains("in which 100500 files are")
      }
      let ready = try await door.request("GET", "/readyz")
      #expect(ready.status == 503)
      #expect(ready.text.contains("it waits for room in the queue"))
      let metrics = try await door.request("GET", "/metrics").text
      #expect(metrics.contains(#"watchd_inbox_files{reason="queue-full"} 1"#), "\(metrics)")
      #expect(try sandbox.names(in: sandbox.inbox) == ["late.csv"])
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
