import Foundation
import TestSupport
import Testing

extension Disasters {
  /// The machine refuses one call of a daemon that is to run for ever.
  ///
  /// Nobody starts it again or does anything else: it goes on by itself, and ends as if nothing had happened.
  @Suite struct ServiceFaults {
    @Test(arguments: Faults.refusals.indices)
    func `a service to which a call is refused goes on by itself`(index: Int) async throws {
      let refusal = Faults.refusals[index]
      var dice = SeededGenerator(seed: Soak.seed &+ UInt64(index))
      let stage = try await Stage(refusal.calls == .flush ? .spilled : .rejected)
      let counting = Fault(action: .count, calls: [refusal.calls], number: 0)
      let calls = try await serve(stage, meeting: counting).calls
      let numbers = Array(1...max(1, calls)).shuffled(using: &dice).prefix(Soak.count(4, .max))
      Soak.announce("\(refusal.testDescription), a service: \(numbers.count) of \(calls) calls")
      let refused = try await Disasters.several(of: numbers) { number in
        try await serve(stage, meeting: refusal.fault(.fail, number)).faults > 0
      }
      #expect(refused > 0)
    }

    /// Runs a service until all is done, and holds what it leaves against what an undisturbed run does.
    private func serve(_ stage: Stage, meeting fault: Fault) async throws -> FaultReport {
      let (sandbox, scenario) = (try stage.set(), stage.scenario)
      let path = sandbox.desk + "/report"
      let daemon = try RunningDaemon(
        sandbox.flags() + scenario.flags + ["--rescan", "200ms"],
        environment: fault.environment(report: path))
      try await sandbox.awaitAllFinished(scenario.before.count + scenario.files.count) { _ in
        guard daemon.isRunning else {
          throw NeverHappened(
            "\(fault): watchd ended: \(try daemon.logText().joined(separator: "\n"))")
        }
      }
      let end = try await daemon.stop()
      let report = try FaultReport(path: path)
      let log = try daemon.logText().joined(separator: "\n")
      #expect(end == .exit(0), "\(fault) (\(report.first)): \(log)")
      let differences = try await EndState(of: sandbox).differences(from: stage.reference)
      #expect(
        differences == [],
        "\(fault) (\(report.first)): \(differences.joined(separator: "\n"))\n\(log)")
      return report
    }
  }
}
