import GRDB
import Synchronization

/// Keeps the ranges of `batches` what they say: the ids of the rows of a batch.
///
/// Why they could be anything else: see `Schema.rowsWithoutKey`. All rows belong to batches, and VACUUM keeps their
/// order, so the new range of a batch is known from how many rows lie before it.
final class RowRanges: Sendable {
  /// PRAGMA data_version, which changes when another connection has committed: the only writer but us is a foreign
  /// one. https://www.sqlite.org/pragma.html#pragma_data_version
  private let version = Mutex<Int64?>(nil)

  /// Looks, within a write transaction, whether another program wrote since the last call, and mends what it did to
  /// the ranges.
  ///
  /// - Throws: `corrupt` where rows are missing or belong to no batch, or what SQLite meets.
  func mend(in database: Database, path: String) throws {
    let now = try Int64.fetchOne(database.cachedStatement(sql: "PRAGMA data_version"))
    if let now, version.withLock({ $0 }) == now { return }
    let isRight = try Bool.fetchOne(
      database,
      sql: "SELECT (SELECT max(last_row) FROM batches) IS (SELECT max(rowid) FROM play_rows)")
    if isRight != true { try numberAnew(database, path) }
    version.withLock { $0 = now }
  }

  private func numberAnew(_ database: Database, _ path: String) throws {
    try database.execute(
      sql: """
        UPDATE batches SET first_row = last - rows + 1, last_row = last
        FROM (
          SELECT task AS of_task, number AS of_number, last_row - first_row + 1 AS rows,
            sum(last_row - first_row + 1) OVER (ORDER BY first_row) AS last
          FROM batches WHERE first_row IS NOT NULL
        )
        WHERE task = of_task AND number = of_number
        """)
    let (last, found, count) =
      try Row.fetchOne(
        database,
        sql: """
          SELECT (SELECT max(last_row) FROM batches), max(rowid), count(*) FROM play_rows
          """
      ).map { ($0[0] as Int64?, $0[1] as Int64?, $0[2] as Int64) } ?? (nil, nil, 0)
    guard last == found, found ?? 0 == count else {
      throw StoreError.corrupt(
        path: path,
        detail: "play_rows has \(count) rows up to \(found ?? 0), its batches have \(last ?? 0)")
    }
  }
}
