import Foundation
import TestSupport
import Testing

/// The promises of the product, checked from outside: real processes, real files, real signals.
///
/// Nothing here imports a module of the product: files go into an inbox, results, receipts and rejects
/// come out of an outbox, and the database is looked at with `sqlite3 -readonly`. What a file must
/// become is worked out a second time by `Resources/oracle.py`, which shares no code with the product.
///
/// One after the other: each test starts daemons that want the whole machine, and a test that waits
/// for one must not wait for nine others as well.
@Suite(.serialized, .timeLimit(.minutes(10)))
enum EndToEnd {}

/// Where the programs and scripts are.
enum Programs {
  static let watchd = folder + "/watchd"
  static let watchctl = folder + "/watchctl"
  static let sqlite3 = "/usr/bin/sqlite3"
  /// For LD_PRELOAD: `Tests/FaultShim`, which lies beside the tests, behind what they themselves are told to load.
  static let preloaded = [
    ProcessInfo.processInfo.environment["LD_PRELOAD"], bundleFolder + "/libFaultShim.so",
  ].compactMap(\.self).joined(separator: ":")
  /// By name, so that the shell's choice of Python holds.
  static let env = "/usr/bin/env"

  /// The folder of the test bundle, where SwiftPM puts every executable; `WATCHD_BIN_DIR` names
  /// another, for instance that of a release build.
  private static let folder: String =
    ProcessInfo.processInfo.environment["WATCHD_BIN_DIR"] ?? bundleFolder

  private static let bundleFolder =
    Bundle.main.executableURL?.deletingLastPathComponent().path ?? "."

  static func script(_ name: String, in file: String = #filePath) -> String {
    URL(fileURLWithPath: file).deletingLastPathComponent().path + "/Resources/" + name
  }

  /// The Python that the shell chooses, asked for once: what stands under its name may be a script that searches anew each time,
  /// and a test of kills asks a hundred times.
  private static let interpreter = Task {
    let outcome = try await run(
      env, ["python3", "-c", "import sys; print(sys.executable, end='')"])
    guard outcome.end == .exit(0) else { throw NeverHappened("no Python: \(outcome.errorText)") }
    return outcome.output
  }

  static var python: String { get async throws { try await interpreter.value } }

  /// Runs one of the Python scripts.
  static func python(_ name: String, _ arguments: [String]) async throws -> Outcome {
    try await run(python, [script(name)] + arguments)
  }
}
