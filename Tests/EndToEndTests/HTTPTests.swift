import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The HTTP door of a running daemon, asked from outside.
  @Suite struct HTTP {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test func `tasks over HTTP are what watchctl says of them`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)

      let health = try await door.get("/healthz")
      #expect(health.status == 200)
      #expect(health.text == "ok\n")
      let list = try await door.get("/tasks")
      #expect(list.status == 200)
      #expect(list.text == (try await sandbox.watchctl(["status", "--json"])).output)
      let task = try await door.get("/tasks/plays.csv")
      #expect(task.status == 200)
      #expect(task.text == (try await sandbox.watchctl(["status", "plays.csv", "--json"])).output)
      let failed = try await door.get("/tasks?status=failed")
      #expect(failed.text == "[\n\n]\n")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `what is not known or not understood is said so`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      #expect(try await door.get("/tasks/never-dropped.csv").status == 404)
      #expect(try await door.get("/tasks?status=lost").status == 400)
      for query in ["limit=0", "limit=x", "limit=+1", "since=now", "before=1", "limit=10001"] {
        #expect(try await door.get("/tasks?\(query)").status == 400, "\(query)")
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `an address that others reach is refused`() async throws {
      let outcome = try await sandbox.once(["--http", "0.0.0.0:5000"])
      #expect(outcome.end == .exit(2))
      #expect(outcome.errorText.contains("http cannot be \"0.0.0.0:5000\""), "\(outcome.errorText)")
    }
  }
}
