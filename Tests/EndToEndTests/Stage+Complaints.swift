import Foundation
import TestSupport

extension Stage {
  /// What is not so on a disk of which the manifest says it.
  func complaints(about sandbox: Sandbox) async throws -> (ended: Int, [String]) {
    // While SQLite makes a database it has a rollback journal, which a reader may not play back.
    let journal = sandbox.state + "/watchd.db-journal"
    guard sandbox.hasDatabase(), !FileManager.default.fileExists(atPath: journal) else {
      return (0, [])
    }
    // The last table that a first start makes.
    let tables = try await sandbox.value(
      "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'resume_points'")
    guard tables == "1" else { return (0, []) }
    let state = try await EndState(of: sandbox)
    let expected = reference.published
    var complaints = state.published.filter { !expected.contains($0) }
      .map { "not whole or not right: \($0.prefix(200))" }
    let ended = try await sandbox.query(
      """
      SELECT task_id, name, status, result_name FROM manifest
      WHERE status NOT IN ('queued', 'running')
      """)
    for task in ended {
      let name = task["name"] ?? ""
      let receipt = state.receipts.first { $0.hasPrefix("outbox: \(name).receipt.json says ") }
      // Which names its task by the task's name, and only by that of the manifest's.
      let facts = ["\"task_id: \(name)\"", "\"status: \(task["status"] ?? "")\""]
      if !facts.allSatisfy({ receipt?.contains($0) == true }) {
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
