import Glibc
import TestSupport
import Testing

/// What goes wrong with machines, done to the real daemon on purpose.
///
/// Outside of `EndToEnd`, for `make soak` takes longer than its limit.
@Suite(.serialized, .timeLimit(.minutes(120)))
enum Disasters {}

extension Disasters {
  /// The daemon is killed at its first step, at its second, and so on until one run comes through: the
  /// way SQLite tests itself (https://www.sqlite.org/testing.html, "Crash Testing").
  ///
  /// A step is a call that changes what a restart finds: a sync, a rename, a link, a removal, a new folder or
  /// file, a shortened file, and a write to a file. SIGKILL loses nothing that was written, so between two
  /// such calls there is no further state to be killed in: "before" each of them is all there is; "after" is tried too,
  /// because the other threads come differently far until the signal is there.
  @Suite struct CrashPoints {
    /// Calls that stand between two states of the protocol; few, so each is tried each time.
    private static let structural: [Fault.Calls] = [
      .sync, .rename, .unlink, .mkdir, .truncate, .create,
    ]
    private static let all = structural + [.write]

    @Test(arguments: Scenario.all)
    func `killed before any step, a restart ends as if nothing had happened`(scenario: Scenario)
      async throws
    {
      let stride = Soak.isOn ? 1 : scenario.isLong ? 7 : 1
      try await countUp(scenario, .killBefore, Self.structural, stride: stride)
    }

    @Test(arguments: Scenario.all)
    func `killed after any step or write, a restart ends as if nothing had happened`(
      scenario: Scenario
    ) async throws {
      let stride = Soak.isOn ? 1 : scenario.isLong ? 97 : 11
      try await countUp(scenario, .killAfter, Self.all, stride: stride)
    }

    /// The consumer is quicker than the restart.
    @Test(arguments: [Scenario.small, .rejected, .duplicate, .failing])
    func `what a consumer took after a kill is not published again`(scenario: Scenario) async throws
    {
      try await countUp(scenario, .killBefore, Self.structural, stride: 1, isTaken: true)
    }

    private func countUp(
      _ scenario: Scenario, _ action: Fault.Action, _ calls: [Fault.Calls], stride: Int,
      isTaken: Bool = false
    ) async throws {
      let stage = try await Stage(scenario)
      var dice = SeededGenerator(seed: Soak.seed)
      let first = Int.random(in: 1...stride, using: &dice)
      let kills = try await Disasters.countUp(from: first, stride: stride) { number in
        let fault = Fault(action: action, calls: calls, number: number)
        let sandbox = try stage.set()
        let (outcome, report) = try await sandbox.once(scenario.flags, meeting: fault)
        guard report.faults > 0 else {
          #expect(outcome.end == .exit(scenario.exit), "\(outcome.errorText)")
          #expect(try await EndState(of: sandbox) == stage.reference)
          return false
        }
        #expect(outcome.end == .signal(SIGKILL))
        let differences = try await stage.differencesAfterRestart(sandbox, isTaken: isTaken)
        #expect(
          differences == [],
          "\(scenario.title), \(fault) (\(report.first)): \(differences.joined(separator: "\n"))")
        return true
      }
      Soak.announce("\(scenario.title): \(action.rawValue), \(kills) kills, every \(stride)")
      #expect(kills > 0)
    }
  }
}
