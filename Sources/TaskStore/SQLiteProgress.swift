import GRDB
import GRDBSQLite

/// Tells of the progress of statements that may take minutes, and ends them where nobody wants them any more: migrations of
/// a large database, which are one transaction each, so that nothing else shows that they move; totals across everything.
final class SQLiteProgress: Sendable {
  private let goesOn: @Sendable () -> Bool

  /// Steps of SQLite's virtual machine between two calls: some milliseconds.
  private static let interval: CInt = 1_000_000

  /// - Parameter goesOn: Where it says no, the statement fails with SQLITE_INTERRUPT.
  init(_ goesOn: @escaping @Sendable () -> Bool) { self.goesOn = goesOn }

  /// Has it asked until `end`, on the thread of the statement; the caller keeps this object until then.
  ///
  /// Safe: the connection lives as long as `database`, and uses the pointer only between the two calls, in which
  /// this object is kept.
  func begin(on database: Database) {
    unsafe sqlite3_progress_handler(
      database.sqliteConnection, Self.interval,
      { argument in
        guard let argument = unsafe argument else { return 0 }
        let progress = unsafe Unmanaged<SQLiteProgress>.fromOpaque(argument).takeUnretainedValue()
        return progress.goesOn() ? 0 : 1
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  func end(on database: Database) {
    unsafe sqlite3_progress_handler(database.sqliteConnection, 0, nil, nil)
  }
}
