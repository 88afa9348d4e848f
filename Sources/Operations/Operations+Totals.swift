package import TaskStore

extension Operations {
  /// The totals across all done files, group by group; see `TaskReading.totals`.
  package func totals(
    _ question: TotalsQuestion, _ body: ([String], Int128) throws -> Void
  ) throws {
    try store.totals(question, body)
  }

  /// The answer to one question in SQL, row by row; see `TaskReading.query`.
  package func query(
    _ sql: String, columns: ([String]) throws -> Void, row: ([Cell]) throws -> Void
  ) throws {
    try store.query(sql, columns: columns, row: row)
  }
}
