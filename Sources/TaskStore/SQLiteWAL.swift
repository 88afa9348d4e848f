import GRDB
import GRDBSQLite

/// What of the write-ahead log only SQLite's own interface can reach.
enum SQLiteWAL {
  /// Keeps the files `-wal` and `-shm` when the last connection closes; the log is emptied then.
  ///
  /// A reader without write permission on the directory cannot make them, and without them it cannot
  /// open a database in WAL mode (https://www.sqlite.org/wal.html#read_only_databases): `watchctl` by
  /// another user would work only while the daemon runs.
  /// https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html, SQLITE_FCNTL_PERSIST_WAL
  static func keepFiles(of database: Database) throws {
    var keep: CInt = 1
    // Safe: the handle lives as long as `database`, whose queue we are on, and SQLite reads and
    // writes the one integer during the call only.
    let code = unsafe sqlite3_file_control(
      database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &keep)
    guard code == SQLITE_OK else {
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "file control failed")
    }
  }

  /// Copies the whole log into the database and empties it (`LogBound`); outside of any transaction.
  ///
  /// What fails here has failed no commit: somebody reads on for longer than `patience`, in milliseconds, or the disk refuses what
  /// the next checkpoint tries, too. https://www.sqlite.org/c3ref/wal_checkpoint_v2.html, SQLITE_CHECKPOINT_TRUNCATE
  static func empty(_ database: Database, patience: Int32) {
    // As above; neither call keeps anything.
    let connection = unsafe database.sqliteConnection
    _ = unsafe sqlite3_busy_timeout(connection, patience)
    _ = unsafe sqlite3_wal_checkpoint_v2(
      connection, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    _ = unsafe sqlite3_busy_timeout(connection, ConnectionSettings.patience)
  }
}
