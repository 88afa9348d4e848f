import Foundation
import Glibc
import TestSupport
import Testing

/// The daemon under a service manager: what it tells it, and what it does when told.
extension EndToEnd {
  @Suite struct Service {
    private let sandbox: Sandbox
    private let manager: DatagramSocket

    init() throws {
      sandbox = try Sandbox()
      manager = try DatagramSocket()
    }

    private func daemon(
      _ flags: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningDaemon {
      try RunningDaemon(
        sandbox.flags() + flags,
        environment: environment.merging(["NOTIFY_SOCKET": manager.address]) { $1 })
    }

    /// Awaits a line that fits, and returns all that came before it and itself.
    @discardableResult
    private func awaitLine(
      within limit: Duration = .seconds(60), _ what: String, _ fits: (String) -> Bool
    ) async throws -> [String] {
      var all: [String] = []
      do {
        return try await eventually(within: limit, what) {
          all += try manager.lines()
          return all.contains(where: fits) ? all : nil
        }
      } catch {
        throw NeverHappened("\(error); it was told: \(all.joined(separator: " | "))")
      }
    }

    @Test func `it is ready when all its doors are open, says what it is at, and that it stops`()
      async throws
    {
      let daemon = try daemon(["--http", "127.0.0.1:0"])
      let start = try await awaitLine("READY=1") { $0 == "READY=1" }
      #expect(start.first == "STATUS=starting")
      #expect(FileManager.default.fileExists(atPath: sandbox.state + "/watchd.sock"))
      #expect(try daemon.log().contains { $0.message == "http" })

      try sandbox.drop("a.csv", Sandbox.plays(3))
      try await awaitLine("a file is done") {
        $0 == "STATUS=idle, the inbox is watched; 1 done, 0 failed since the start"
      }
      #expect(try await daemon.stop() == .exit(0))
      #expect(try manager.lines().first { $0.hasPrefix("STOPPING") } == "STOPPING=1")
    }

    @Test
    func
      `it is not ready before what the last process left is in order, and a start that hangs asks for no more time`()
      async throws
    {
      #expect(try await sandbox.once().end == .exit(0))
      // As a claim that was killed leaves it; the removal hangs.
      let left = "01987654-3210-7000-8000-000000000001"
      try FileManager.default.createDirectory(
        atPath: sandbox.state + "/work/" + left, withIntermediateDirectories: false)
      let report = sandbox.desk + "/report"
      let fault = Fault(action: .hang, calls: [.unlink], number: 1, path: left)
      let daemon = try daemon(
        environment: fault.environment(report: report).merging(["WATCHDOG_USEC": "400000"]) { $1 })
      try await eventually("the start hangs where it was told to") {
        try FileManager.default.fileExists(atPath: report)
          && FaultReport(path: report).faults == 1
      }
      var told: [String] = []
      await #expect(throws: NeverHappened.self, "\(told)") {
        // As long as it may be silent, five times.
        try await eventually(within: .seconds(2), "it says that it is ready, or still moves") {
          let new = try manager.lines()
          told += new
          return new.contains("READY=1") || told.count { $0.hasPrefix("EXTEND_TIMEOUT") } > 2
        }
      }
      #expect(told.contains("STATUS=starting"))
      #expect(told.contains("EXTEND_TIMEOUT_USEC=60000000"))
      try await daemon.kill()

      let next = try self.daemon()
      try await awaitLine("READY=1") { $0 == "READY=1" }
      #expect(try sandbox.names(in: sandbox.state + "/work") == [])
      #expect(try await next.stop() == .exit(0))
    }

    @Test func `a stop that takes long asks for time, and for no more once it hangs`() async throws
    {
      let report = sandbox.desk + "/report"
      // The publication of the result, for whose end a stop waits.
      let fault = Fault(action: .hang, calls: [.rename], number: 2)
      let daemon = try daemon(
        environment: fault.environment(report: report).merging(["WATCHDOG_USEC": "400000"]) { $1 })
      try await awaitLine("READY=1") { $0 == "READY=1" }
      try sandbox.drop("a.csv", Sandbox.plays(3))
      try await eventually("the publication hangs") {
        try FaultReport(path: report).faults == 1
      }
      daemon.send(SIGTERM)
      var told: [String] = []
      try await eventually(within: .seconds(20), "it asks for time") {
        told += try manager.lines()
        return told.drop { $0 != "STOPPING=1" }.contains("EXTEND_TIMEOUT_USEC=60000000")
      }
      await #expect(throws: NeverHappened.self, "\(told)") {
        // Some part of it may just have ended.
        try await eventually(within: .seconds(2), "it asks again and again") {
          told += try manager.lines()
          return told.drop { $0 != "STOPPING=1" }.count { $0.hasPrefix("EXTEND_TIMEOUT") } > 3
        }
      }
      try await daemon.kill()
    }

    @Test func `the watchdog is fed while it moves, idle or not`() async throws {
      let daemon = try daemon(environment: ["WATCHDOG_USEC": "2000000"])
      try await awaitLine("READY=1") { $0 == "READY=1" }
      var fed = 0
      try await eventually("it is fed for three times as long as it may be silent") {
        fed += try manager.lines().count { $0 == "WATCHDOG=1" }
        return fed >= 12
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    /// The Nth sync hangs: of the claim's batch, on the inbox's thread, or of the result, on a worker's.
    @Test(arguments: [
      (Fault(action: .hang, calls: [.rename], number: 1), "STATUS=hangs: the inbox"),
      (Fault(action: .hang, calls: [.rename], number: 2), "STATUS=hangs: a.csv"),
    ])
    func `the watchdog goes without food while a part hangs, and the status names it`(
      fault: Fault, status: String
    ) async throws {
      let report = sandbox.desk + "/report"
      let daemon = try daemon(
        environment: fault.environment(report: report)
          .merging(["WATCHDOG_USEC": "4000000"]) { $1 })
      try await awaitLine("READY=1") { $0 == "READY=1" }
      try sandbox.drop("a.csv", Sandbox.plays(3))
      try await awaitLine("it says what hangs") { $0 == status }
      try sandbox.drop("b.csv", Sandbox.plays(4))
      _ = try manager.lines()
      await #expect(throws: NeverHappened.self) {
        // As long as the manager would wait before it ends it.
        try await eventually(within: .seconds(4), "it is fed all the same") {
          try manager.lines().contains("WATCHDOG=1")
        }
      }
      let log = try daemon.log()
      #expect(log.contains { $0.level == "critical" && $0.message.hasPrefix("no step is made") })
      try await daemon.kill()
      #expect(try FaultReport(path: report).faults == 1)
    }

    @Test
    func `a stop in the middle of a large file takes no five seconds, and the next start goes on`()
      async throws
    {
      let large = try await sandbox.generate(rows: 1_500_000, seed: 7)
      let daemon = try daemon(["--memory", "8MiB"])
      try await awaitLine("READY=1") { $0 == "READY=1" }
      try sandbox.moveIn(large)
      try await eventually(within: .seconds(120), "a part of it is committed") {
        try await sandbox.value("SELECT count(*) FROM resume_points") == "1"
      }
      let began = ContinuousClock.now
      #expect(try await daemon.stop(within: .seconds(30)) == .exit(0))
      let took = ContinuousClock.now - began
      #expect(took < .seconds(5), "it took \(took)")
      #expect(try await sandbox.value("SELECT status FROM manifest") == "queued")

      let next = try await sandbox.daemon(["--memory", "8MiB"])
      let receipt = try await sandbox.receipt("large.csv", within: .seconds(240))
      #expect(receipt.rows == [1_500_000, 1_500_000, 0])
      #expect(try await next.stop() == .exit(0))
    }

    @Test func `under the journal a line has its level in front and no time`() async throws {
      let child = try ChildProcess(
        "/bin/sh",
        [
          "-c",
          "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec \"$@\"", "sh", Programs.watchd,
        ] + sandbox.flags())
      try await eventually("it says that it is ready") {
        String(decoding: try child.standardError(), as: UTF8.self).contains("<6>ready\n")
      }
      try sandbox.drop("bad.csv", "Song,Date,Number of Plays\na,b,c\n")
      try await eventually("it tells of a file that failed") {
        String(decoding: try child.standardError(), as: UTF8.self).contains("\n<4>failed ")
      }
      child.send(SIGTERM)
      #expect(try await child.end() == .exit(0))
    }

    @Test func `elsewhere the variable of another process's journal changes nothing`() async throws
    {
      let outcome = try await run(
        Programs.watchd, sandbox.flags() + ["--once"], environment: ["JOURNAL_STREAM": "1:1"])
      #expect(!outcome.errorText.contains("<6>"))
    }
  }
}
