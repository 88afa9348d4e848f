import Foundation
import GRDB

extension TaskStore {
  package static let fileName = "watchd.db"

  /// Opens the database of a state directory, makes it where there is none, and brings it up to
  /// this version's schema.
  ///
  /// What is there is first looked at through a read-only connection, so that a file that is not
  /// ours, or is newer than we are, is refused before anything could change a byte of it.
  ///
  /// - Parameters:
  ///   - directory: The state directory, which exists. The caller holds its lock.
  ///   - logBound: Bytes, see `LogBound`.
  ///   - onStep: Called again and again while the schema is brought up to this version.
  /// - Returns: The store, with `synchronous=FULL` in force.
  /// - Throws: `notADatabase`, `newerSchema`, `unsafeSetting`, or what SQLite meets.
  package static func open(
    directory: String, logBound: Int64 = LogBound.standard,
    onStep: @escaping @Sendable () -> Void = {}
  ) throws(StoreError) -> TaskStore {
    let path = directory + "/" + fileName
    try inspect(path: path)
    SQLiteWriteback.begin()
    return try StoreError.wrapping("open the database", path: path) {
      let name = SQLiteName(path)
      let pool = try DatabasePool(path: path, configuration: ConnectionSettings.writer(of: name))
      try pool.writeWithoutTransaction { database in
        _ = try name.isKept()
        // GRDB sets NORMAL when it turns WAL mode on, after the configuration's own set-up has run;
        // from here on nothing sets it again. With NORMAL a commit is not synced: a power cut takes
        // the last ones, of which the outbox and the sender may already know.
        // https://www.sqlite.org/pragma.html#pragma_synchronous
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try SQLiteWAL.keepFiles(of: database)
        try ConnectionSettings.assertSafe(database, path: path)
      }
      let progress = SQLiteProgress {
        onStep()
        return true
      }
      pool.writeWithoutTransaction { progress.begin(on: $0) }
      try withExtendedLifetime(progress) {
        try Schema.migrator.migrate(pool)
        pool.writeWithoutTransaction { progress.end(on: $0) }
      }
      // Where `SQLiteRowLoader` lets SQLite copy rows from; nothing of it is ever on a disk.
      try pool.writeWithoutTransaction { database in
        try database.execute(sql: "ATTACH DATABASE ':memory:' AS run")
      }
      let store = TaskStore(pool: pool, path: path, logBound: logBound)
      // Every transaction looks whether another program wrote; the first one, whether one did meanwhile.
      try store.write("look at the rows") { _ in }
      return store
    }
  }

  /// The settings in force on the writer, by name of PRAGMA, and `sqlite_version`.
  package func pragmas() throws(StoreError) -> [String: String] {
    try StoreError.wrapping("read the settings", path: path) {
      try pool.writeWithoutTransaction { database in
        try ConnectionSettings.readBack(database)
      }
    }
  }

  /// Refuses a file that must not be written to; one that is absent or empty will do.
  private static func inspect(path: String) throws(StoreError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let state: Schema.State
    do throws(StoreError) {
      state = try look(at: path, ConnectionSettings.reader)
    } catch .other(code: ResultCode.SQLITE_READONLY_ROLLBACK.rawValue, _, _, _) {
      // Somebody was killed within a transaction that is not in WAL mode: we, while we made the file, for it
      // begins without. Who reads it has to write first, to roll that back, whoever the owner is
      // (https://www.sqlite.org/lockingv3.html#hot_journals); what was committed is not changed.
      state = try look(at: path, Configuration())
    }
    switch state {
    case .empty: break
    case .ours(let version) where version <= Schema.version: break
    case .ours(let version):
      throw .newerSchema(path: path, found: version, known: Schema.version)
    case .foreign: throw .notADatabase(path: path)
    }
  }

  private static func look(
    at path: String, _ configuration: Configuration
  ) throws(StoreError) -> Schema.State {
    try StoreError.wrapping("open the database", path: path) {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let state = try queue.read { database in try Schema.state(of: database) }
      try queue.close()
      return state
    }
  }
}
