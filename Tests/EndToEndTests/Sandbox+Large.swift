import Foundation
import TestSupport

/// Files that take long enough for something to happen meanwhile.
extension Sandbox {
  /// Makes one on the desk by `watchctl generate`.
  ///
  /// - Returns: Its path, whose name is large.csv.
  func generate(rows: Int, shape: String = "unique", seed: Int = 1) async throws -> String {
    let path = desk + "/large.csv"
    let made = try await run(
      Programs.watchctl,
      ["generate", "--rows", "\(rows)", "--shape", shape, "--seed", "\(seed)", "-o", path],
      within: .seconds(120))
    guard made.end == .exit(0) else {
      throw NeverHappened("watchctl generate ends with \(made.end): \(made.errorText)")
    }
    return path
  }

  /// Renames a file of the desk into the inbox: it is taken at once.
  func moveIn(_ path: String, as name: String = "large.csv") throws {
    try FileManager.default.moveItem(atPath: path, toPath: inbox + "/" + name)
  }
}
