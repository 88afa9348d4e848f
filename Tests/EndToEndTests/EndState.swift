import Foundation
import TestSupport

/// All that a run leaves behind, as lines, without what no two runs have in common: ids, times, the
/// number of attempts.
///
/// Two runs on the same files are equal here if and only if nobody can tell from outbox, totals,
/// manifest, archive and folders that one of them was disturbed.
struct EndState: Equatable {
  private let lines: [String]
  /// The sum of each group of each file, a line each in the order of the keys.
  ///
  /// There may be ten thousands, so that they are taken apart only where they differ.
  private let plays: String

  init(of sandbox: Sandbox) async throws {
    let tasks = try await sandbox.query("SELECT task_id, name FROM manifest")
    let names = Dictionary(
      tasks.compactMap { row in row["task_id"].map { ($0, row["name"] ?? "") } },
      uniquingKeysWith: { first, _ in first })
    let archived = try FileManager.default.subpathsOfDirectory(atPath: sandbox.state + "/archive")
      .filter { $0.contains("/") }
      .map { path in
        let task = names[String(path.prefix { $0 != "/" })] ?? "no task"
        return "archive: \(path.drop { $0 != "/" }) of \(task)"
          + " is \(try Self.text(sandbox.state + "/archive/" + path))"
      }
    let left = try ["/inbox", "/state/work"].flatMap { folder in
      try FileManager.default.contentsOfDirectory(
        atPath: folder == "/inbox" ? sandbox.inbox : sandbox.state + "/work"
      ).map { "left in \(folder): \($0)" }
    }
    let database = try await Self.database(of: sandbox)
    plays = database.plays
    lines =
      try (database.lines + Self.outbox(of: sandbox, tasks: names) + archived + left).sorted()
  }

  /// What the sender and the readers of totals see: all but the archive and what is left lying about,
  /// which a later start may put in order.
  var answers: EndState {
    EndState(
      lines: lines.filter {
        !$0.hasPrefix("archive: ") && !$0.hasPrefix("left in ") && !$0.hasPrefix("outbox: .")
      }, plays: plays)
  }

  /// The visible files of the outbox but for receipts, which come out of other attempts with other times.
  var published: [String] {
    lines.filter {
      $0.hasPrefix("outbox: ") && !$0.hasPrefix("outbox: .") && !$0.contains(".receipt.json says")
    }
  }

  /// What the whole receipts say.
  var receipts: [String] { lines.filter { $0.contains(".receipt.json says ") } }

  private init(lines: [String], plays: String) { (self.lines, self.plays) = (lines, plays) }

  /// One line for each thing that one of them has and the other has not, cut to what a person reads.
  func differences(from reference: EndState) -> [String] {
    if self == reference { return [] }
    let (mine, others) =
      plays == reference.plays
      ? (lines, reference.lines)
      : (lines + Self.lines(of: plays), reference.lines + Self.lines(of: reference.plays))
    return mine.difference(from: others).map { change in
      switch change {
      case .insert(_, let line, _): "has \(line.prefix(300))"
      case .remove(_, let line, _): "lacks \(line.prefix(300))"
      }
    }
  }

  private static func lines(of text: String) -> [String] {
    text.components(separatedBy: "\n").filter { !$0.isEmpty }
  }

  /// Hidden files too: there must be none.
  private static func outbox(of sandbox: Sandbox, tasks: [String: String]) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: sandbox.outbox).map { name in
      let text = try text(sandbox.outbox + "/" + name)
      // An empty one is what is left of a file that was not synced.
      guard name.hasSuffix(".receipt.json"), text.hasSuffix("}\n"),
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      else { return "outbox: \(name) is \(text)" }
      let lines = object.filter { !$0.key.hasSuffix("_at") }.map { key, value in
        guard ["task_id", "duplicate_of"].contains(key) else { return "\(key): \(value)" }
        return "\(key): \((value as? String).map { tasks[$0] ?? "no task" } ?? "null")"
      }
      return "outbox: \(name) says \(lines.sorted())"
    }
  }

  private static func database(
    of sandbox: Sandbox
  ) async throws -> (lines: [String], plays: String) {
    let border = "the plays:\n"
    let statements = [
      "SELECT 'integrity_check', * FROM pragma_integrity_check",
      """
      SELECT 'manifest', name, status, phase, size_bytes, bytes_read, sha256, rows_read,
        rows_rejected, "groups", plays_sum, result_name, result_sha256, error_code, error,
        (SELECT name FROM manifest AS other WHERE other.task_id = manifest.duplicate_of)
      FROM manifest
      """,
      """
      SELECT 'rejects', name, number, line, "column", byte, reason, hex(raw)
      FROM rejects JOIN manifest USING (task_id)
      """,
      "SELECT 'fingerprint', name, fingerprints.sha256 FROM fingerprints JOIN manifest ON id = task",
      "SELECT 'unseen rows', (SELECT COUNT(*) FROM play_rows) - (SELECT COUNT(*) FROM plays)",
      "SELECT 'resume points', COUNT(*) FROM resume_points",
      "SELECT 'the plays:'",
      // Rows of one file may lie in other runs after an interruption; their sums are the same.
      """
      SELECT 'plays', name, song, date, SUM(plays) FROM plays JOIN manifest USING (task_id)
      GROUP BY name, song, date ORDER BY name, song, date
      """,
    ]
    let outcome = try await run(
      Programs.sqlite3,
      ["-readonly", "-cmd", ".timeout 10000", sandbox.state + "/watchd.db"]
        + statements.map { $0 + ";" })
    guard outcome.end == .exit(0) else {
      throw NeverHappened("sqlite3 answers \(outcome.end): \(outcome.errorText)")
    }
    let parts = outcome.output.components(separatedBy: border)
    guard parts.count > 1 else { throw NeverHappened("sqlite3 says nothing of the plays") }
    return (Self.lines(of: parts[0]), parts.dropFirst().joined(separator: border))
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}
