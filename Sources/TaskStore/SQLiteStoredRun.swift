import GRDB
import GRDBSQLite
package import TaskModel

extension TaskStore {
  /// Lends the batches of a task, each as the sorted run as which it was appended, to merge them.
  ///
  /// All are read from one snapshot, on a connection that cannot write. The snapshot keeps the WAL
  /// from being reused while `body` runs, so that takes no longer than writing a result.
  package func withRuns<Result>(
    of task: TaskID, _ body: ([StoredRun]) throws -> Result
  ) throws -> Result {
    try pool.read { database in
      guard let connection = unsafe database.sqliteConnection else {
        preconditionFailure("GRDB lends an open connection")
      }
      let ranges = try Row.fetchAll(
        database,
        sql: """
          SELECT first_row, last_row FROM batches JOIN manifest ON manifest.id = batches.task
          WHERE manifest.task_id = ? AND first_row IS NOT NULL ORDER BY number
          """,
        arguments: [task.description])
      var runs: [StoredRun] = []
      defer { for run in runs { run.close() } }
      for range in ranges {
        runs.append(
          try unsafe StoredRun(
            rows: range["first_row"]...range["last_row"], on: connection, path: path))
      }
      return try body(runs)
    }
  }
}

/// The rows of one batch in the order in which they were inserted; valid within `withRuns`.
///
/// Why the unsafe accesses hold: the statement lives until `close`, which `withRuns` calls before the
/// connection goes back to the pool; a column's bytes hold until the next `advance`
/// (https://www.sqlite.org/c3ref/column_blob.html), which is what `song` and `date` say.
@safe
package final class StoredRun {
  private let connection: OpaquePointer
  private let statement: OpaquePointer
  private let path: String
  private var isClosed = false

  init(rows: ClosedRange<Int64>, on connection: OpaquePointer, path: String) throws(StoreError) {
    unsafe self.connection = connection
    self.path = path
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(
      connection, "SELECT song, date, plays FROM play_rows WHERE id BETWEEN ? AND ? ORDER BY id",
      -1, &prepared, nil)
    guard code == SQLITE_OK, let prepared = unsafe prepared else {
      throw unsafe StoreError(connection, code, operation: "read a run", path: path)
    }
    unsafe statement = prepared
    for (index, bound) in [(1, rows.lowerBound), (2, rows.upperBound)] as [(CInt, Int64)] {
      let code = unsafe sqlite3_bind_int64(prepared, index, bound)
      guard code == SQLITE_OK else {
        close()
        throw unsafe StoreError(connection, code, operation: "read a run", path: path)
      }
    }
  }

  /// Goes to the next row; false at the end.
  package func advance() throws(StoreError) -> Bool {
    precondition(!isClosed, "a run is read within withRuns")
    switch unsafe sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      throw unsafe StoreError(connection, code, operation: "read a run", path: path)
    }
  }

  /// The bytes hold until the next `advance`.
  package var song: UnsafeRawBufferPointer { unsafe bytes(0) }
  /// The bytes hold until the next `advance`.
  package var date: UnsafeRawBufferPointer { unsafe bytes(1) }
  package var plays: Int64 { unsafe sqlite3_column_int64(statement, 2) }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    // The result repeats the last step's, which was thrown already.
    _ = unsafe sqlite3_finalize(statement)
  }

  private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = unsafe sqlite3_column_text(statement, column)
    return unsafe UnsafeRawBufferPointer(
      start: start, count: Int(sqlite3_column_bytes(statement, column)))
  }
}
