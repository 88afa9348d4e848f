/// The write-ahead log under its name.
///
/// A log that was removed lives on in our descriptor and takes commits, which a kill then loses: the next start finds
/// another log by that name, or none, and a database that is whole and old. SQLite tells of a database that was moved
/// (`SQLiteFile`) and of its log not, so the name is looked at. Where there is none, what was
/// committed before is brought home at once (`TaskStore.write`).
struct SQLiteLogName: Sendable {
  private let name: SQLiteName

  init(database: String) { name = SQLiteName(database + "-wal") }

  /// Whether nobody made another log under that name; an unreadable folder says nothing of it.
  var isGone: Bool { name.isFree }

  /// In bytes, when it was last looked at.
  var size: Int64 { name.size }

  /// Refuses to write where another file, or none, has the name since the first call.
  ///
  /// Called within a transaction, so that SQLite has the log open.
  func requireUnmoved() throws {
    if try !name.isKept() { throw StoreError.logMoved(path: name.path) }
  }
}
