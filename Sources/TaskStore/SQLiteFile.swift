import GRDB
import GRDBSQLite

/// The database file under its name.
enum SQLiteFile {
  /// Refuses to write where the file was moved away, removed or replaced: what is committed to it then is lost with the last
  /// descriptor, and whoever asks by the name gets another answer.
  ///
  /// https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html, "SQLITE_FCNTL_HAS_MOVED"; a look at the name, which
  /// opens nothing.
  static func requireUnmoved(_ database: Database, path: String) throws {
    var hasMoved: CInt = 0
    // The handle is the connection's own, and both pointers are used during the call only.
    let code = unsafe sqlite3_file_control(
      database.sqliteConnection, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
    guard code == SQLITE_OK else {
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "no look at the file")
    }
    if hasMoved != 0 { throw StoreError.moved(path: path) }
  }
}
