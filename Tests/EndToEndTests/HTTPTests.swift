import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The HTTP door of a running daemon, asked by Python's client.
  @Suite struct HTTP {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// Prints the status and the body of an answer.
    private static let client = """
      import sys, urllib.request, urllib.error
      try: answer = urllib.request.urlopen(sys.argv[1], timeout=30)
      except urllib.error.HTTPError as error: answer = error
      sys.stdout.buffer.write(b"%d\\n" % answer.status + answer.read())
      """

    private func get(_ path: String, from base: String) async throws -> (status: Int, body: String)
    {
      let outcome = try await run("/usr/bin/env", ["python3", "-c", Self.client, base + path])
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      let parts = outcome.output.split(
        separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      return (try #require(Int(parts[0])), String(parts[1]))
    }

    private struct URLLine: Decodable {
      let message: String
      let url: String?
    }

    private func base(of daemon: RunningDaemon) async throws -> String {
      var base: String?
      try await eventually("watchd says where HTTP answers") {
        for line in try daemon.logText() {
          let decoded = try JSONDecoder().decode(URLLine.self, from: Data(line.utf8))
          if decoded.message == "http", let url = decoded.url { base = String(url.dropLast()) }
        }
        return base != nil
      }
      return try #require(base)
    }

    @Test func `tasks over HTTP are what watchctl says of them`() async throws {
      let daemon = try await sandbox.daemon(["--http", "127.0.0.1:0"])
      let base = try await base(of: daemon)
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)

      let health = try await get("/healthz", from: base)
      #expect(health.status == 200)
      #expect(health.body == "ok\n")
      let list = try await get("/tasks", from: base)
      #expect(list.status == 200)
      #expect(list.body == (try await sandbox.watchctl(["status", "--json"])).output)
      let task = try await get("/tasks/plays.csv", from: base)
      #expect(task.status == 200)
      #expect(task.body == (try await sandbox.watchctl(["status", "plays.csv", "--json"])).output)
      let failed = try await get("/tasks?status=failed", from: base)
      #expect(failed.body == "[\n\n]\n")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `what is not known or not understood is said so`() async throws {
      let daemon = try await sandbox.daemon(["--http", "127.0.0.1:0"])
      let base = try await base(of: daemon)
      #expect(try await get("/tasks/never-dropped.csv", from: base).status == 404)
      #expect(try await get("/tasks?status=lost", from: base).status == 400)
      #expect(try await get("/tasks?limit=0", from: base).status == 400)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `an address that others reach is refused`() async throws {
      let outcome = try await sandbox.once(["--http", "0.0.0.0:5000"])
      #expect(outcome.end == .exit(2))
      #expect(outcome.errorText.contains("http cannot be \"0.0.0.0:5000\""), "\(outcome.errorText)")
    }
  }
}
