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

    /// The disks that lose power together.
    private struct Disks: Sendable {
      /// Inbox and state.
      let main: DiskImage
      let outbox: DiskImage

      func copy() async throws -> Disks {
        Disks(
          main: try await DiskImage(copyOf: main), outbox: try await DiskImage(copyOf: outbox))
      }

      func mount() async throws -> Sandbox {
        try Sandbox(on: try await main.mount(), outboxOn: try await outbox.mount())
      }
    }

    private static let calls: [Fault.Calls] = [.sync, .rename]

    @Test func `after a loss of power what was called done is whole, and every file counts once`()
      async throws
    {
      let stage = try await Stage(.mixed)
      let template = try await prepare(stage)
      let counting = Fault(action: .count, calls: Self.calls, number: 0)
      let whole = try await stage.set().once(stage.scenario.flags, meeting: counting).report
      try #require(whole.calls > 0)
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

    private func prepare(_ stage: Stage) async throws -> Disks {
      let disks = Disks(
        main: try await DiskImage(megabytes: 40), outbox: try await DiskImage(megabytes: 16))
      let sandbox = try await disks.mount()
      try Stage.drop(stage.scenario.files, into: sandbox)
      for folder in [sandbox.inbox, sandbox.outbox] {
        let synced = try await run("/usr/bin/env", ["sync", "--file-system", folder])
        #expect(synced.end == .exit(0))
      }
      return disks
    }

    /// - Returns: How many tasks had ended.
    private func cut(at moment: Moment, _ template: Disks, _ stage: Stage) async throws -> Int {
      let found = try await stopped(try await template.copy(), at: moment, stage)
      let sandbox = try await found.mount()
      let (count, complaints) = try await stage.complaints(about: sandbox)
      #expect(complaints == [], "\(moment): \(complaints)")
      let differences = try await stage.differencesAfterRestart(sandbox)
      #expect(differences == [], "\(moment): \(differences.joined(separator: "\n"))")
      return count
    }

    /// The disks as the devices have them while the daemon stands still; or at its end, where the moment
    /// does not come.
    private func stopped(_ disks: Disks, at moment: Moment, _ stage: Stage) async throws -> Disks {
      let sandbox = try await disks.mount()
      let reports = try TemporaryDirectory()
      // Nobody may unmount what the daemon works on.
      defer { withExtendedLifetime((sandbox, reports)) {} }
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
      return try await disks.copy()
    }
  }
}
