import GRDB
import GRDBSQLite
import PlayRows

/// Puts a block of rows into `play_rows`.
///
/// A few rows go in by one prepared statement, a run of it each; many go in as an image (`SQLiteRowImage`)
/// from which SQLite copies them. A row too long for an image goes in by the statement, in its place.
enum SQLiteRowLoader {
  /// Below it an image, for which SQLite reads a schema and prepares a statement anew, is not worth it.
  ///
  /// Chosen, not measured: nobody waits for so few rows either way.
  static let fewestForImage = 400

  /// Loads all rows of a block, in their order, with consecutive ids.
  ///
  /// That a range is all there is to a batch rests on the ids, hence the check: SQLite gives a row the largest
  /// id + 1 (https://www.sqlite.org/autoinc.html), and no other connection inserts while the
  /// transaction is open.
  ///
  /// - Parameters:
  ///   - rows: The block.
  ///   - image: Of these rows, where somebody has laid them out.
  ///   - task: `manifest.id`.
  ///   - database: In a write transaction.
  ///   - path: The database file, for errors.
  /// - Returns: The ids of the rows, nil where there were none.
  /// - Throws: What SQLite meets.
  static func load(
    _ rows: borrowing RowBlock, image: RowImage?, task: Int64, into database: Database, path: String
  ) throws -> ClosedRange<Int64>? {
    if rows.isEmpty { return nil }
    let before = try lastID(of: database)
    guard let connection = unsafe database.sqliteConnection else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
    }
    let insert = try unsafe SQLiteInsert(into: database, on: connection, path: path)
    var place = 0
    let isCopied = try image?.use(for: rows, of: task) { image throws(StoreError) in
      try unsafe copy(&image, on: connection, path: path)
    }
    if isCopied == true {
      place = rows.byteCount
    } else if rows.count >= fewestForImage {
      while place < rows.byteCount {
        var image = try makeImage(task: task, byteCount: rows.byteCount - place, path)
        var tooLong: RowView?
        while let row = rows.next(&place) {
          if !image.append(row) {
            tooLong = row
            break
          }
        }
        try unsafe copy(&image, on: connection, path: path)
        if let tooLong { try insert.run(tooLong, of: task) }
      }
    } else {
      while let row = rows.next(&place) { try insert.run(row, of: task) }
    }
    let last = try lastID(of: database)
    guard last - before == rows.count else {
      throw StoreError.corrupt(
        path: path, detail: "row ids \(before) to \(last) for \(rows.count) rows")
    }
    return before + 1...last
  }

  private static func lastID(of database: Database) throws -> Int64 {
    try Int64.fetchOne(
      database.cachedStatement(sql: "SELECT coalesce(max(rowid), 0) FROM play_rows")) ?? 0
  }

  private static func makeImage(
    task: Int64, byteCount: Int, _ path: String
  ) throws(StoreError) -> SQLiteRowImage {
    guard let image = SQLiteRowImage(task: task, byteCount: byteCount) else {
      throw StoreError(
        DatabaseError(resultCode: .SQLITE_NOMEM), doing: "load rows", path: path)
    }
    return image
  }

  /// Lets SQLite copy the rows of an image into the table.
  ///
  /// The schema `run` is an in-memory database that `TaskStore.open` attached; its former content goes with
  /// the call. SQLite frees the memory (SQLITE_DESERIALIZE_FREEONCLOSE), also where the call fails:
  /// https://www.sqlite.org/c3ref/deserialize.html. Not read-only, though nothing writes to it: BEGIN IMMEDIATE
  /// asks for the right to write to every attached database.
  private static func copy(
    _ image: inout SQLiteRowImage, on connection: OpaquePointer, path: String
  ) throws(StoreError) {
    if image.rowCount == 0 { return }
    guard let (memory, byteCount) = unsafe image.take() else {
      throw StoreError(
        DatabaseError(resultCode: .SQLITE_NOMEM), doing: "load rows", path: path)
    }
    let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE)
    var code = unsafe sqlite3_deserialize(
      connection, "run", memory, sqlite3_int64(byteCount), sqlite3_int64(byteCount), flags)
    if code == SQLITE_OK {
      code = unsafe sqlite3_exec(connection, copySQL, nil, nil, nil)
    }
    guard code == SQLITE_OK else {
      throw unsafe StoreError(connection, code, operation: "load rows", path: path)
    }
  }

  /// Exactly this form: with a column list or a condition SQLite would take each row apart.
  static let copySQL = "INSERT INTO main.play_rows SELECT * FROM run.play_rows"
}
