import GRDB
import GRDBSQLite

/// Tells of the progress of statements that may take minutes: migrations of a large database.
///
/// A migration is one transaction, so nothing else shows that it moves.
final class SQLiteProgress: Sendable {
  private let step: @Sendable () -> Void

  /// Steps of SQLite's virtual machine between two calls: some milliseconds.
  private static let interval: CInt = 1_000_000

  init(_ step: @escaping @Sendable () -> Void) { self.step = step }

  /// Has `step` called until `end`, on the thread of the statement; the caller keeps this object until then.
  ///
  /// Safe: the connection lives as long as `database`, and uses the pointer only between the two calls, in which
  /// this object is kept.
  func begin(on database: Database) {
    unsafe sqlite3_progress_handler(
      database.sqliteConnection, Self.interval,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<SQLiteProgress>.fromOpaque(argument).takeUnretainedValue().step()
        }
        return 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  func end(on database: Database) {
    unsafe sqlite3_progress_handler(database.sqliteConnection, 0, nil, nil)
  }
}
