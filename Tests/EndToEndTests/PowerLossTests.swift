import Foundation
import Glibc
import TestSupport
import Testing

extension Disasters {
  /// The power goes: what the daemon wrote and did not sync is gone, whatever it believes.
  ///
  /// The daemon works on an ext4 disk that is a file. It is stopped, at one of its syncs and renames or at
  /// a moment that nobody chose, the disk is copied as the device has it, and the copy is mounted as after
  /// a reboot. There, what the manifest calls ended must have its files, whole; and after a start every file
  /// must count once.
  @Suite(.enabled(Comment(rawValue: Mount.reason)) { await Mount.isPermitted() })
  struct PowerLoss {
    /// Where the daemon is stopped.
    private enum Moment: Sendable {
      case call(Int)
      case after(Duration)
    }

    private static let calls: [Fault.Calls] = [.sync, .rename]

    @Test func `after a loss of power what was called done is whole, and every file counts once`()
      async throws
    {
      let stage = try await Stage(.mixed)
      let template = try await DiskImage(megabytes: 48)
      try await prepare(template, stage)
      let counting = Fault(action: .count, calls: Self.calls, number: 0)
      let whole = try await stage.set().once(stage.scenario.flags, meeting: counting).report
      var dice = SeededGenerator(seed: Soak.seed)
      let cuts = Soak.count(10, 200)
      Soak.announce("\(cuts) cuts, at random moments and at some of \(whole.calls) calls")
      var ended: [Int] = []
      for cut in 1...cuts {
        let moment =
          cut.isMultiple(of: 2)
          ? Moment.after(.milliseconds(Int.random(in: 20...600, using: &dice)))
          : .call(Int.random(in: 1...whole.calls, using: &dice))
        ended.append(try await self.cut(at: moment, template, stage))
      }
      print("tasks that had ended at the cuts: \(ended)")
      // Neither all cuts before the first file was through, nor all after the last.
      #expect(Set(ended).count > 1)
    }

    private func prepare(_ image: DiskImage, _ stage: Stage) async throws {
      let mount = try await image.mount()
      try Stage.drop(stage.scenario.files, into: try Sandbox(on: mount))
      let synced = try await run("/usr/bin/env", ["sync", "--file-system", mount.path])
      #expect(synced.end == .exit(0))
    }

    /// - Returns: How many tasks had ended.
    private func cut(at moment: Moment, _ template: DiskImage, _ stage: Stage) async throws -> Int {
      let disk = try await DiskImage(copyOf: template)
      let found = try await stoppedDisk(disk, at: moment, stage)
      let mount = try await found.mount()
      let sandbox = try Sandbox(on: mount)
      defer { withExtendedLifetime(found) {} }
      let (count, complaints) = try await complaints(about: sandbox, stage)
      #expect(complaints == [], "\(moment): \(complaints)")
      let differences = try await stage.differencesAfterRestart(sandbox)
      #expect(differences == [], "\(moment): \(differences.joined(separator: "\n"))")
      return count
    }

    /// The disk as the device has it while the daemon stands still; or at its end, where it is not reached.
    private func stoppedDisk(_ disk: DiskImage, at moment: Moment, _ stage: Stage) async throws
      -> DiskImage
    {
      let mount = try await disk.mount()
      let sandbox = try Sandbox(on: mount)
      let reports = try TemporaryDirectory()
      defer { withExtendedLifetime((mount, reports)) {} }
      var fault = Fault(action: .count, calls: Self.calls, number: 0)
      if case .call(let number) = moment {
        fault = Fault(action: .stop, calls: Self.calls, number: number)
      }
      let daemon = try ChildProcess(
        Programs.watchd, sandbox.flags() + ["--once"] + stage.scenario.flags,
        environment: fault.environment(report: reports.path(of: "report")))
      if case .after(let duration) = moment {
        try await pass(duration)
        daemon.send(SIGSTOP)
      }
      try await eventually("watchd stands still") { try !daemon.isRunning || daemon.isStopped() }
      return try await DiskImage(copyOf: disk)
    }

    /// What is not so on a disk of which the manifest says it.
    private func complaints(about sandbox: Sandbox, _ stage: Stage) async throws
      -> (ended: Int, [String])
    {
      guard sandbox.hasDatabase() else { return (0, []) }
      let tables = try await sandbox.value(
        "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'manifest'")
      guard tables == "1" else { return (0, []) }
      let state = try await EndState(of: sandbox)
      let expected = stage.reference.published
      var complaints = state.published.filter { !expected.contains($0) }
        .map { "not whole or not right: \($0.prefix(200))" }
      let ended = try await sandbox.query(
        """
        SELECT task_id, name, status, result_name FROM manifest
        WHERE status NOT IN ('queued', 'running')
        """)
      for task in ended {
        let name = task["name"] ?? ""
        let receipt = try sandbox.receiptNow(name)
        if receipt?.taskID != task["task_id"] || receipt?.status != task["status"] {
          complaints.append("\(name) is \(task["status"] ?? "") and has no such receipt")
        }
        let result = task["result_name"]
        if let result, !state.published.contains(where: { $0.hasPrefix("outbox: \(result) is") }) {
          complaints.append("\(name) is \(task["status"] ?? "") and has no result")
        }
      }
      return (ended.count, complaints)
    }
  }
}
