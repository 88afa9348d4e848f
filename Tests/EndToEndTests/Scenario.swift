import Foundation
import TestSupport
import Testing

/// Files and settings that take a daemon along one of its ways.
struct Scenario: Sendable, CustomTestStringConvertible {
  let title: String
  /// Loaded by a run that nothing disturbs, before the one that is disturbed.
  var before: [String: String] = ["before.csv": Sandbox.plays(7, song: "Before")]
  let files: [String: String]
  /// Flags that the oracle understands too.
  var shared: [String] = []
  /// Flags of the daemon alone.
  var own: [String] = []
  /// How an undisturbed run ends.
  var exit: Int32 = 0
  /// How many sorted runs of its rows the database has in the end.
  var runs = 1
  /// Whether it has too many steps for all of them to be tried each time.
  var isLong = false

  var flags: [String] { shared + own }
  var testDescription: String { title }

  private static let header = "Song,Date,Number of Plays\n"

  static let first = Scenario(
    title: "the first file of a new state", before: [:], files: ["a.csv": Sandbox.plays(1)])
  static let small = Scenario(title: "one small file", files: ["a.csv": Sandbox.plays(1)])
  /// Three sets of sums, where one fits in memory.
  static let spilled = Scenario(
    title: "a file that does not fit in memory",
    files: [
      "large.csv": header
        + (0..<40_000).map { "A song with quite a long title \($0 * 7919 % 36_000),d,1\n" }.joined()
    ], own: ["--memory", "1MiB", "--workers", "1"], runs: 3, isLong: true)
  static let rejected = Scenario(
    title: "a file with rejected records",
    files: ["a.csv": header + "A,d,1\nB,d,none\nA,d,2\nC,d\nB,d,3\n"],
    shared: ["--max-rejects", "all"])
  static let duplicate = Scenario(
    title: "the same bytes under another name", before: ["a.csv": Sandbox.plays(3)],
    files: ["b.csv": Sandbox.plays(3)])
  static let failing = Scenario(
    title: "a file that fails for its records", files: ["a.csv": header + "A,d,1\nB,d,none\n"],
    exit: 1)
  static let headless = Scenario(
    title: "a file that fails for its header", files: ["a.csv": "Song,Date\nA,d\n"], exit: 1)
  /// Enough for one sync of the file system in place of one a file, and for commits that are shared.
  static let burst = Scenario(
    title: "twenty files at once",
    files: Dictionary(
      uniqueKeysWithValues: (1...20).map { ("\($0).csv", Sandbox.plays($0, song: "Song \($0)")) }),
    isLong: true)

  /// A large one, small ones, rejects and a failure together, each with a result that hangs on no other.
  static let mixed = Scenario(
    title: "files of all kinds at once", before: [:],
    files: burst.files.merging(spilled.files, uniquingKeysWith: { $1 })
      .merging(
        ["rejected.csv": rejected.files["a.csv"] ?? "", "failing.csv": "Song,Date\nA,d\n"],
        uniquingKeysWith: { $1 }),
    shared: rejected.shared, own: spilled.own, exit: 1, runs: 3, isLong: true)

  static let all = [
    first, small, spilled, rejected, duplicate, failing, headless, burst,
  ]
}

/// A scenario up to where the disturbance comes, and what has to be there in the end.
final class Stage: Sendable {
  let scenario: Scenario
  /// What an undisturbed run leaves; the oracle agrees with it.
  let reference: EndState
  private let template: Sandbox

  init(_ scenario: Scenario) async throws {
    self.scenario = scenario
    template = try Sandbox(root: Sandbox.memory)
    if !scenario.before.isEmpty {
      try Self.drop(scenario.before, into: template)
      try Self.require(try await template.once(scenario.flags).end == .exit(0), "a first run")
    }
    let undisturbed = try Sandbox(copyOf: template, root: Sandbox.memory)
    try Self.drop(scenario.files, into: undisturbed)
    let end = try await undisturbed.once(scenario.flags).end
    try Self.require(end == .exit(scenario.exit), "an undisturbed run that ends with \(end)")
    let runs = try await undisturbed.value(
      "SELECT COALESCE(MAX(runs), 1) FROM (SELECT COUNT(DISTINCT run) AS runs FROM batches GROUP BY task)"
    )
    try Self.require(runs == "\(scenario.runs)", "\(scenario.runs) runs: \(runs ?? "none")")
    reference = try await EndState(of: undisturbed)
    let inputs = undisturbed.desk + "/inputs"
    try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: false)
    for (name, text) in scenario.before.merging(scenario.files, uniquingKeysWith: { $1 }) {
      try Data(text.utf8).write(to: URL(fileURLWithPath: inputs + "/" + name))
    }
    let differences =
      try await undisturbed.differences(from: inputs, scenario.shared)
      + undisturbed.databaseDifferences(from: inputs, scenario.shared)
    try Self.require(differences.isEmpty, "what the oracle expects: \(differences)")
  }

  /// A fresh sandbox with the scenario's files in the inbox.
  func set() throws -> Sandbox {
    let sandbox = try Sandbox(copyOf: template, root: Sandbox.memory)
    try Self.drop(scenario.files, into: sandbox)
    return sandbox
  }

  /// Starts an undisturbed daemon after a disturbed one.
  ///
  /// - Parameters:
  ///   - sandbox: Where.
  ///   - isTaken: Whether a consumer takes all that it sees in the outbox before, and lays it back after.
  /// - Returns: What is then not as if nothing had happened.
  /// - Throws: What the file system says; that something taken was published again, too.
  func differencesAfterRestart(
    _ sandbox: Sandbox, isTaken: Bool = false
  ) async throws -> [String] {
    let taken = isTaken ? try sandbox.names(in: sandbox.outbox) : []
    let basket = sandbox.desk + "/taken"
    try FileManager.default.createDirectory(atPath: basket, withIntermediateDirectories: true)
    for name in taken {
      try FileManager.default.moveItem(
        atPath: sandbox.outbox + "/" + name, toPath: basket + "/" + name)
    }
    let outcome = try await sandbox.once(scenario.flags)
    for name in taken {
      try FileManager.default.moveItem(
        atPath: basket + "/" + name, toPath: sandbox.outbox + "/" + name)
    }
    // The file may have failed before the restart, which then had nothing to do.
    guard [.exit(0), .exit(scenario.exit)].contains(outcome.end) else {
      return ["the restart ends with \(outcome.end): \(outcome.errorText)"]
    }
    return try await EndState(of: sandbox).differences(from: reference)
  }

  static func drop(_ files: [String: String], into sandbox: Sandbox) throws {
    for (name, text) in files { try sandbox.drop(name, text) }
  }

  private static func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    guard condition else { throw NeverHappened(what()) }
  }
}
