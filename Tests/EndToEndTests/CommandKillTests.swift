import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// The daemon is killed in the middle of what `watchctl` has it do.
  @Suite struct CommandKills {
    /// A done task of 1 play, and a failed one, of a daemon that ran before.
    private static func template() async throws -> Sandbox {
      let sandbox = try Sandbox(root: Sandbox.memory)
      try sandbox.drop("done.csv", Sandbox.plays(1))
      try sandbox.drop("failed.csv", "Song,Date,Number of Plays\nA,d,x\n")
      #expect(try await sandbox.once().end == .exit(1))
      return sandbox
    }

    /// A daemon that waits for commands, and how many calls of the kinds that count it has made so far.
    private func daemon(
      _ sandbox: Sandbox, _ fault: Fault
    ) async throws -> (daemon: RunningDaemon, report: String) {
      let report = sandbox.desk + "/report-\(UUID().uuidString)"
      let daemon = try RunningDaemon(
        sandbox.flags(), environment: fault.environment(report: report))
      try await daemon.awaitReady()
      let socket = sandbox.state + "/watchd.sock"
      try await eventually("watchd listens") {
        guard FileManager.default.fileExists(atPath: socket) else { return false }
        let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions]
        return mode as? Int == 0o600
      }
      return (daemon, report)
    }

    private static let calls: [Fault.Calls] = [.sync, .rename, .unlink, .create, .write]

    @Test(arguments: [["forget", "done.csv"], ["retry", "failed.csv"]])
    func `watchctl says so, and the command is done whole or not at all`(command: [String])
      async throws
    {
      let template = try await Self.template()
      let idle = try Sandbox(copyOf: template, root: Sandbox.memory)
      let counting = Fault(action: .count, calls: Self.calls, number: 0)
      let (waiting, report) = try await daemon(idle, counting)
      let before = try FaultReport(path: report).calls
      try await waiting.kill()
      var (step, told) = (0, 0)
      var isThrough = false
      while !isThrough {
        step += 1
        let sandbox = try Sandbox(copyOf: template, root: Sandbox.memory)
        let fault = Fault(action: .killBefore, calls: Self.calls, number: before + step)
        let (daemon, _) = try await daemon(sandbox, fault)
        let outcome = try await sandbox.watchctl(command)
        if outcome.end == .exit(1) {
          told += 1
          #expect(outcome.errorText.contains("ended before it answered"), "\(outcome.errorText)")
          #expect(outcome.errorText.contains("give the command again"), "\(outcome.errorText)")
          #expect(outcome.errorText.split(separator: "\n").count == 1)
          #expect(try await daemon.end() == .signal(SIGKILL))
        } else {
          // It was answered; what comes after it is the daemon's own work.
          #expect(outcome.end == .exit(0), "\(step): \(outcome.errorText)")
          isThrough = true
          if daemon.isRunning { try await daemon.kill() }
        }
        try await expectWhole(sandbox, command, step)
      }
      Soak.announce("\(command[0]): \(told) kills")
      #expect(told > 1)
    }

    /// After a restart, and the command once more where it was not done, all is as if nothing had happened.
    private func expectWhole(_ sandbox: Sandbox, _ command: [String], _ step: Int) async throws {
      _ = try await sandbox.once()
      let status = try await sandbox.value(
        "SELECT status FROM manifest WHERE name = '\(command[1])'")
      let sum = try await sandbox.playsSum()
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok", "\(step)")
      if command[0] == "forget" {
        #expect(status == "done" && sum == 1 || status == "cancelled" && sum == 0, "\(step)")
        if status == "done" {
          #expect(try await sandbox.watchctl(command).end == .exit(0), "\(step)")
        }
        #expect(try await sandbox.playsSum() == 0, "\(step)")
      } else {
        // Tried again or not: the file is at fault, has its one receipt, and its original is kept.
        #expect(status == "failed" && sum == 1, "\(step)")
        #expect(try sandbox.names(in: sandbox.state + "/archive").count == 2, "\(step)")
        #expect(try await sandbox.watchctl(command).end == .exit(0), "\(step)")
        #expect(try await sandbox.once().end == .exit(1), "\(step)")
        #expect(
          try sandbox.names(in: sandbox.outbox).filter { $0.hasPrefix("failed") } == [
            "failed.csv.receipt.json", "failed.rejects.csv",
          ], "\(step)")
      }
      #expect(try sandbox.names(in: sandbox.state + "/work") == [], "\(step)")
    }
  }
}
