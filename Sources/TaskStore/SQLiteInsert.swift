import GRDB
import GRDBSQLite

/// A prepared `INSERT` of so many rows at once into `play_rows`, on SQLite's own handle.
///
/// GRDB would make a String of each field, copy it twice and cut it at a NUL; this binds the caller's
/// bytes as they are, with their length, and SQLite copies them straight into its page.
///
/// Why the unsafe calls here hold: the handle is that of an open transaction, which the statement
/// does not outlive; bytes are bound as SQLITE_STATIC, so they are read during `sqlite3_step` and
/// not after `run`, which clears the bindings also where it fails. Up to then the caller lends them.
@safe
struct SQLiteInsert: ~Copyable {
  private let connection: OpaquePointer
  private let statement: OpaquePointer
  private let path: String

  /// - Parameters:
  ///   - rows: How many rows one run inserts.
  ///   - task: `manifest.id`. It stands in the text, being the same for all: a binding less a row.
  ///   - connection: In a write transaction.
  ///   - path: The database file, for errors.
  /// - Throws: What SQLite meets.
  init(
    rows: Int, task: Int64, on connection: OpaquePointer, path: String
  ) throws(StoreError) {
    let values = (0..<rows).map { row in
      "(\(task), ?\(row * 3 + 1), ?\(row * 3 + 2), ?\(row * 3 + 3))"
    }
    let sql =
      "INSERT INTO play_rows (task, song, date, plays) VALUES " + values.joined(separator: ", ")
    var statement: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
    guard code == SQLITE_OK, let statement = unsafe statement else {
      throw unsafe StoreError(connection, code, operation: "load rows", path: path)
    }
    unsafe self.connection = connection
    unsafe self.statement = statement
    self.path = path
  }

  deinit {
    // The result only repeats the last step's, which `run` has thrown where it was an error.
    unsafe sqlite3_finalize(statement)
  }

  /// Binds one row, by its place within the run, from 0; the bytes are read by `run`.
  borrowing func bind(
    _ row: Int, song: UnsafeRawBufferPointer, date: UnsafeRawBufferPointer, plays: Int64
  ) throws(StoreError) {
    let first = CInt(row * 3)
    try unsafe check(bind(song, at: first + 1))
    try unsafe check(bind(date, at: first + 2))
    try unsafe check(sqlite3_bind_int64(statement, first + 3, plays))
  }

  /// Inserts the rows that were bound.
  borrowing func run() throws(StoreError) {
    let stepped = unsafe sqlite3_step(statement)
    let reset = unsafe sqlite3_reset(statement)
    unsafe sqlite3_clear_bindings(statement)
    try check(stepped == SQLITE_DONE ? reset : stepped)
  }

  private borrowing func bind(_ bytes: UnsafeRawBufferPointer, at index: CInt) -> CInt {
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

  private borrowing func check(_ code: CInt) throws(StoreError) {
    guard code == SQLITE_OK else {
      throw unsafe StoreError(connection, code, operation: "load rows", path: path)
    }
  }
}
