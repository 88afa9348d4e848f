import GRDB
import GRDBSQLite
package import PlayRows
package import TaskModel

extension TaskStore {
  /// The sorted runs that a task has in the database, in the order in which they were appended.
  package func runs(of task: TaskID) throws(StoreError) -> [StoredRun] {
    let batches = try read("look up the runs of a task") { queries in
      try Row.fetchAll(
        queries.database,
        sql: """
          SELECT run, first_row, last_row FROM batches JOIN manifest ON manifest.id = batches.task
          WHERE manifest.task_id = ? AND first_row IS NOT NULL ORDER BY number
          """,
        arguments: [task.description]
      ).map { row in
        (run: row["run"] as Int64, ids: (row["first_row"] as Int64)...(row["last_row"] as Int64))
      }
    }
    var runs: [(number: Int64, ids: [ClosedRange<Int64>])] = []
    for batch in batches {
      if runs.last?.number != batch.run { runs.append((batch.run, [])) }
      runs[runs.count - 1].ids.append(batch.ids)
    }
    return runs.map { run in StoredRun(number: Int(run.number), store: self, ids: run.ids) }
  }
}

/// The rows of one run in the order in which they were inserted.
///
/// Each block is read in a transaction of its own, so that a merge of any length never keeps the log from being
/// reused; the rows of a task that runs are changed by nobody but the task itself, so they stay
/// what they are between two of them.
package struct StoredRun: Sendable {
  package let number: Int
  private let store: TaskStore
  /// What is still to be read, the last range first.
  private var ids: [ClosedRange<Int64>]
  /// That of the last row that said it itself; rows after it may only say how far back that is (`Schema.repeatedSongs`),
  /// but where it is empty.
  private var song: [UInt8] = []

  init(number: Int, store: TaskStore, ids: [ClosedRange<Int64>]) {
    self.number = number
    self.store = store
    self.ids = ids.reversed()
  }

  /// Appends the next rows to an empty block, until it is full; it stays empty at the end.
  package mutating func fill(_ block: inout RowBlock) throws(StoreError) {
    if ids.isEmpty { return }
    let path = store.path
    var (ids, song) = (ids, song)
    try StoreError.wrapping("read a run", path: path) {
      try store.pool.read { database in
        guard let connection = unsafe database.sqliteConnection else {
          preconditionFailure("GRDB lends an open connection")
        }
        // Another program's VACUUM since the ranges were looked up.
        guard try RowRanges.areRight(in: database) else {
          throw StoreError.corrupt(path: path, detail: "its rows were numbered anew meanwhile")
        }
        let query = try database.cachedStatement(
          sql: """
            SELECT song, date, plays, rowid FROM play_rows WHERE rowid BETWEEN ? AND ? ORDER BY rowid
            """)
        while !block.isFull, let range = ids.popLast() {
          let rest = try unsafe Self.read(
            range, with: query.sqliteStatement, on: connection, path: path, &song, into: &block)
          if let rest { ids.append(rest) }
        }
      }
    }
    (self.ids, self.song) = (ids, song)
  }

  /// Reads rows of a range until the block is full; returns the range that is left.
  ///
  /// Why the unsafe calls hold: the statement is GRDB's cached one of the connection that `fill` was lent; a
  /// column's bytes hold until the next step (https://www.sqlite.org/c3ref/column_blob.html), and the
  /// block copies them before it.
  private static func read(
    _ range: ClosedRange<Int64>, with statement: OpaquePointer, on connection: OpaquePointer,
    path: String, _ song: inout [UInt8], into block: inout RowBlock
  ) throws(StoreError) -> ClosedRange<Int64>? {
    unsafe sqlite3_bind_int64(statement, 1, range.lowerBound)
    unsafe sqlite3_bind_int64(statement, 2, range.upperBound)
    defer { unsafe sqlite3_reset(statement) }
    while true {
      let code = unsafe sqlite3_step(statement)
      if code == SQLITE_DONE { return nil }
      guard code == SQLITE_ROW else {
        throw unsafe StoreError(connection, code, operation: "read a run", path: path)
      }
      if unsafe sqlite3_column_type(statement, 0) == SQLITE_TEXT {
        song.removeAll(keepingCapacity: true)
        unsafe song.append(contentsOf: bytes(0, of: statement))
      } else if song.isEmpty {
        throw StoreError.corrupt(path: path, detail: "a run begins with a row without its song")
      }
      unsafe song.withUnsafeBytes { song in
        unsafe block.append(
          song: song, date: bytes(1, of: statement), plays: sqlite3_column_int64(statement, 2))
      }
      if block.isFull {
        let last = unsafe sqlite3_column_int64(statement, 3)
        return last < range.upperBound ? last + 1...range.upperBound : nil
      }
    }
  }

  private static func bytes(
    _ column: Int32, of statement: OpaquePointer
  ) -> UnsafeRawBufferPointer {
    let start = unsafe sqlite3_column_text(statement, column)
    return unsafe UnsafeRawBufferPointer(
      start: start, count: Int(sqlite3_column_bytes(statement, column)))
  }
}
