import Foundation
import Glibc
import TestSupport
import Testing

extension Disasters {
  /// The machine refuses a call, once or from then on for ever.
  ///
  /// The disk is full or broken, or no descriptor is left. Each call that a run makes is refused in one run.
  /// Whatever the daemon makes of it, it ends by an exit code and not by a crash, it never says that all is
  /// done where it is not, and it never holds it against the file: started again once the fault is gone, it
  /// ends as if nothing had happened. A refused sync also loses what was to be synced (`Tests/FaultShim`),
  /// so one that is tried again and believed shows as a result that is empty.
  @Suite struct Faults {
    /// A kind of call and what it fails with.
    struct Refusal: Sendable, CustomTestStringConvertible {
      let calls: Fault.Calls
      let code: Int32

      var testDescription: String { "\(calls.rawValue): \(unsafe String(cString: strerror(code)))" }
    }

    /// One run in which something is refused.
    private struct Attempt: Sendable {
      let stage: Stage
      let fault: Fault
      /// Ends a run before that one, so that the refused call is one of a recovery.
      var kill: Fault?

      var description: String {
        stage.scenario.title + (kill.map { ", \($0), then" } ?? ",") + " \(fault)"
      }
    }

    static let refusals = [
      Refusal(calls: .write, code: ENOSPC), Refusal(calls: .write, code: EIO),
      Refusal(calls: .sync, code: EIO), Refusal(calls: .sync, code: ENOSPC),
      Refusal(calls: .rename, code: EIO), Refusal(calls: .rename, code: ENOSPC),
      Refusal(calls: .open, code: EMFILE), Refusal(calls: .open, code: EIO),
      Refusal(calls: .create, code: ENOSPC), Refusal(calls: .unlink, code: EIO),
      Refusal(calls: .mkdir, code: ENOSPC), Refusal(calls: .truncate, code: EIO),
      Refusal(calls: .flush, code: EIO),
    ]
    private static let others: [Scenario] = [
      .first, .rejected, .duplicate, .failing, .spilled, .burst,
    ]
    /// Runs at a time; most of each is waiting for the next attempt.
    private static let width = 12

    @Test(arguments: refusals.indices)
    func `what the machine refuses, once or for ever, costs nothing once it does not`(index: Int)
      async throws
    {
      let refusal = Self.refusals[index]
      var dice = SeededGenerator(seed: Soak.seed &+ UInt64(index))
      // One of the others, another one for each kind of refusal.
      let other = Self.others[(index + Int(Soak.seed % 6)) % Self.others.count]
      // Only what is large is written in stretches.
      let scenarios =
        refusal.calls == .flush ? [.spilled] : [.small] + (Soak.isOn ? Self.others : [other])
      var attempts: [Attempt] = []
      for scenario in scenarios {
        attempts += try await self.attempts(
          refusing: refusal, on: try await Stage(scenario), &dice)
      }
      Soak.announce("\(refusal.testDescription): \(attempts.count) runs")
      let refused = try await runAll(attempts)
      Soak.announce("\(refusal.testDescription): \(refused) runs were refused something")
      #expect(refused > 0)
    }

    /// A file that was taken and has no row yet is known to nobody but the folder that it lies in.
    @Test func `what a recovery cannot look at is not called done`() async throws {
      let stage = try await Stage(.small)
      let kill = try await killAfterClaim(on: stage)
      let killed = try stage.set()
      _ = try await killed.once(stage.scenario.flags, meeting: kill)
      let counting = Fault(action: .count, calls: [.open], number: 0)
      let opens = try await killed.once(stage.scenario.flags, meeting: counting).report.calls
      let refusal = Refusal(calls: .open, code: EIO)
      let refused = try await runAll(
        (1...opens).map { Attempt(stage: stage, fault: refusal.fault(.fail, $0), kill: kill) })
      #expect(refused > 0)
    }

    /// The first step before which the file is out of the inbox.
    private func killAfterClaim(on stage: Stage) async throws -> Fault {
      var number = 0
      while true {
        number += 1
        let kill = Fault(action: .killBefore, calls: [.sync, .rename], number: number)
        let sandbox = try stage.set()
        let (_, report) = try await sandbox.once(stage.scenario.flags, meeting: kill)
        try #require(report.faults == 1)
        if try sandbox.names(in: sandbox.inbox) == [] { return kill }
      }
    }

    /// For every call of the kind, or some of them, once and for ever; and in a recovery.
    private func attempts(
      refusing refusal: Refusal, on stage: Stage, _ dice: inout SeededGenerator
    ) async throws -> [Attempt] {
      let scenario = stage.scenario
      let counting = Fault(action: .count, calls: [refusal.calls], number: 0)
      let calls = try await stage.set().once(scenario.flags, meeting: counting).report.calls
      // A sync that fails is what programs get wrong, so of the short run every one is tried each time.
      let isWhole = Soak.isOn || (refusal.calls == .sync && !scenario.isLong)
      let numbers = Array(1...max(1, calls)).shuffled(using: &dice).prefix(isWhole ? .max : 3)
      // By then the files are claimed, and the last step has not come.
      let kill = Fault(
        action: .killBefore, calls: [.sync, .rename], number: Int.random(in: 8...18, using: &dice))
      let killed = try stage.set()
      _ = try await killed.once(scenario.flags, meeting: kill)
      let callsOfRecovery = try await killed.once(scenario.flags, meeting: counting).report.calls
      let numbersOfRecovery = Array(1...max(1, callsOfRecovery)).shuffled(using: &dice)
        .prefix(Soak.count(1, .max))
      return [Fault.Action.fail, .failOn].flatMap { action in
        numbers.map { Attempt(stage: stage, fault: refusal.fault(action, $0)) }
          + numbersOfRecovery.map {
            Attempt(stage: stage, fault: refusal.fault(action, $0), kill: kill)
          }
      }
    }

    /// - Returns: How many runs met their fault.
    private func runAll(_ attempts: [Attempt]) async throws -> Int {
      try await Disasters.several(of: attempts, width: Self.width) { try await run($0) }
    }

    /// - Returns: Whether the run met the fault.
    private func run(_ attempt: Attempt) async throws -> Bool {
      let (stage, flags) = (attempt.stage, attempt.stage.scenario.flags)
      let sandbox = try stage.set()
      if let kill = attempt.kill { _ = try await sandbox.once(flags, meeting: kill) }
      let (outcome, report) = try await sandbox.once(
        flags, meeting: attempt.fault, within: .seconds(120))
      let place = "\(attempt.description) (\(report.first))"
      switch outcome.end {
      case .exit(0):
        let state = try await EndState(of: sandbox).answers
        let differences = state.differences(from: stage.reference.answers)
        #expect(differences == [], "\(place) said that all is done: \(differences)")
      case .exit(1), .exit(2): break
      default: Issue.record("\(place) ended with \(outcome.end): \(outcome.errorText)")
      }
      let differences = try await stage.differencesAfterRestart(sandbox)
      #expect(
        differences == [],
        "\(place): \(differences.joined(separator: "\n"))\nrefused run: \(outcome.errorText)")
      return report.faults > 0
    }
  }
}

extension Disasters.Faults.Refusal {
  func fault(_ action: Fault.Action, _ number: Int) -> Fault {
    Fault(action: action, calls: [calls], number: number, code: code)
  }
}
