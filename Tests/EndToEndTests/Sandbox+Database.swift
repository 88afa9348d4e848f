import Foundation
import TestSupport

/// The database as a person sees it: through `sqlite3`, read-only, also while the daemon runs.
extension Sandbox {
  /// Rows of a query, each value as text; a column that is NULL is absent.
  func query(_ sql: String) async throws -> [[String: String]] {
    let outcome = try await run(
      Programs.sqlite3,
      ["-readonly", "-json", "-cmd", ".timeout 10000", state + "/watchd.db", sql])
    guard outcome.end == .exit(0) else {
      throw NeverHappened("sqlite3 answers \(outcome.end): \(outcome.errorText)")
    }
    guard !outcome.standardOutput.isEmpty else { return [] }
    return try JSONDecoder().decode([[String: Cell]].self, from: outcome.standardOutput).map {
      $0.compactMapValues(\.text)
    }
  }

  /// The single value of a query.
  func value(_ sql: String) async throws -> String? {
    try await query(sql).first?.first?.value
  }

  func hasDatabase() -> Bool { FileManager.default.fileExists(atPath: state + "/watchd.db") }

  /// How many tasks have each status.
  func statuses() async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for row in try await query("SELECT status, COUNT(*) AS n FROM manifest GROUP BY status") {
      if let status = row["status"], let count = row["n"].flatMap({ Int($0) }) {
        counts[status] = count
      }
    }
    return counts
  }

  /// The sum over all that counts.
  func playsSum() async throws -> Int {
    Int(try await value("SELECT COALESCE(SUM(plays), 0) AS n FROM plays") ?? "") ?? -1
  }

  /// Awaits that every one of `count` tasks came to an end.
  ///
  /// - Parameters:
  ///   - count: How many there will be.
  ///   - limit: For how long it waits.
  ///   - look: Called each time, with how many did.
  /// - Throws: `NeverHappened`, and what `look` throws.
  func awaitAllFinished(
    _ count: Int, within limit: Duration = .seconds(120), _ look: (Int) throws -> Void = { _ in }
  ) async throws {
    try await eventually(within: limit, "\(count) finished tasks") {
      guard hasDatabase() else { return false }
      let finished = try await value(
        "SELECT COUNT(*) AS n FROM manifest WHERE status NOT IN ('queued', 'running')")
      try look(finished.flatMap { Int($0) } ?? 0)
      return finished == String(count)
    }
  }

  /// One JSON value that may be a number, a text or null.
  private struct Cell: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        text = nil
      } else {
        do {
          text = try container.decode(String.self)
        } catch DecodingError.typeMismatch {
          text = String(try container.decode(Int64.self))
        }
      }
    }
  }
}
