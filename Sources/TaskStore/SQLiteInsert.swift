import GRDB
import GRDBSQLite
import PlayRows

/// The prepared `INSERT` of one row into `play_rows`, on SQLite's own handle.
///
/// GRDB would make a String of each field, copy it twice and cut it at a NUL; this binds the caller's
/// bytes as they are, with their length, and SQLite copies them straight into its page.
///
/// Why the unsafe calls here hold: the statement is GRDB's cached one, which lives as long as its connection, in
/// whose transaction this is used; bytes are bound as SQLITE_STATIC, so they are read during
/// `sqlite3_step` and not after `run`, which clears the bindings also where it fails.
@safe
struct SQLiteInsert {
  private let connection: OpaquePointer
  private let statement: OpaquePointer
  private let path: String

  /// - Parameters:
  ///   - database: In a write transaction.
  ///   - connection: Its handle.
  ///   - path: The database file, for errors.
  /// - Throws: What SQLite meets.
  init(into database: Database, on connection: OpaquePointer, path: String) throws {
    let cached = try database.cachedStatement(
      sql: "INSERT INTO play_rows (task, song, date, plays) VALUES (?, ?, ?, ?)")
    unsafe statement = cached.sqliteStatement
    unsafe self.connection = connection
    self.path = path
  }

  /// Inserts a row of a task, which is a `manifest.id`.
  func run(_ row: RowView, of task: Int64) throws(StoreError) {
    try unsafe check(sqlite3_bind_int64(statement, 1, task))
    try unsafe check(bind(row.song, at: 2))
    try unsafe check(bind(row.date, at: 3))
    try unsafe check(sqlite3_bind_int64(statement, 4, row.plays))
    let stepped = unsafe sqlite3_step(statement)
    let reset = unsafe sqlite3_reset(statement)
    unsafe sqlite3_clear_bindings(statement)
    try check(stepped == SQLITE_DONE ? reset : stepped)
  }

  private func bind(_ bytes: UnsafeRawBufferPointer, at index: CInt) -> CInt {
    guard let start = bytes.baseAddress else {
      // A null pointer would bind NULL, and an empty field is the empty text. SQLite copies what is
      // bound as SQLITE_TRANSIENT (-1), so that the literal need not outlive this call.
      let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      return unsafe sqlite3_bind_text(statement, index, "", 0, transient)
    }
    return unsafe sqlite3_bind_text64(
      statement, index, start.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), nil,
      UInt8(SQLITE_UTF8))
  }

  private func check(_ code: CInt) throws(StoreError) {
    guard code == SQLITE_OK else {
      throw unsafe StoreError(connection, code, operation: "load rows", path: path)
    }
  }
}
