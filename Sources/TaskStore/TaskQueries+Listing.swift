import GRDB
import TaskModel

extension TaskQueries {
  /// The tasks that a filter lets through, the newest first.
  ///
  /// A bound that is not given is not in the statement, so that each form is served by an index, and a page far behind the
  /// first one costs no more than that.
  func tasks(_ filter: TaskFilter) throws -> [TaskRecord] {
    let (sql, arguments) = try listing(filter)
    return try tasks(sql, arguments).map(\.record)
  }

  /// The statement that lists them.
  func listing(_ filter: TaskFilter) throws -> (sql: String, arguments: StatementArguments) {
    var source = "manifest"
    var conditions: [String] = []
    var arguments: StatementArguments = []
    func require(_ condition: String, _ value: some DatabaseValueConvertible) {
      conditions.append(condition)
      arguments += [value]
    }
    if let status = filter.status { require("status = ?", status.rawValue) }
    if let task = filter.before { require("task_id < ?", task.description) }
    if let text = filter.nameContains {
      require("name LIKE ? ESCAPE '!'", Self.pattern(containing: text))
    }
    if let since = filter.since {
      let isIndexed = try areFew(since: since)
      if isIndexed { source += " INDEXED BY manifest_queued" }
      // With a plus SQLite uses no index for it (https://www.sqlite.org/optoverview.html, section 4).
      require(isIndexed ? "queued_at >= ?" : "+queued_at >= ?", since.description)
    }
    var sql = "SELECT * FROM \(source)"
    if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
    sql += " ORDER BY task_id DESC"
    if let limit = filter.limit {
      sql += " LIMIT ?"
      arguments += [max(0, limit)]
    }
    return (sql, arguments)
  }

  /// Whether to find and sort those that were queued since then is less than to look at all from the newest on; of many the
  /// newest are among the first.
  private func areFew(since: Timestamp) throws -> Bool {
    let most = 5000
    let statement = try database.cachedStatement(
      sql: "SELECT count(*) FROM (SELECT 1 FROM manifest WHERE queued_at >= ? LIMIT ?)")
    return try Int.fetchOne(statement, arguments: [since.description, most]) ?? 0 < most
  }

  /// For LIKE, which takes the letters A to Z for a to z (https://www.sqlite.org/lang_expr.html#like).
  private static func pattern(containing text: String) -> String {
    "%" + text.map { "!%_".contains($0) ? "!\($0)" : "\($0)" }.joined() + "%"
  }
}
