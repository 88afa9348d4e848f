import GRDB

/// The settings of every connection, each with its reason.
///
/// `synchronous` is not here, for GRDB would undo it: see `TaskStore.open`.
enum ConnectionSettings {
  /// How long a lock that somebody else holds is waited for, in milliseconds: https://www.sqlite.org/c3ref/busy_timeout.html.
  static let patience: Int32 = 5000

  /// For the pool: its one writer, and the readers within the daemon.
  ///
  /// The pool opens a reader when all others are busy, by the name: whatever has taken that meanwhile would be read for the
  /// database, and by that connection also once the database is back.
  static func writer(of name: SQLiteName) -> Configuration {
    var configuration = shared
    configuration.label = "watchd"
    // Only a foreign program can hold the write lock (an operator's sqlite3 in a transaction). GRDB's
    // default is to fail at once.
    configuration.busyMode = .timeout(Double(patience) / 1000)
    configuration.prepareDatabase { database in
      guard database.configuration.readonly else {
        return try database.execute(sql: writerPragmas)
      }
      if try !name.isKept() { throw StoreError.moved(path: name.path) }
    }
    return configuration
  }

  /// For another process: looks, never writes, never checkpoints, never makes the file.
  static var reader: Configuration {
    var configuration = shared
    configuration.label = "watchd-reader"
    configuration.readonly = true
    // The first connection after a kill rebuilds the WAL index under an exclusive lock, the last
    // one to go closes under one: a reader waits these out.
    // https://www.sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode
    configuration.busyMode = .timeout(Double(patience) / 1000)
    // A second lock on the door: `watchctl query` runs what a person typed.
    // https://www.sqlite.org/pragma.html#pragma_query_only
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA query_only = ON")
    }
    return configuration
  }

  /// - auto_vacuum: counts for a new file only, before its first page is written. Free pages go back to the file
  ///   system when we say so (`TaskStore.giveBackSpace`), instead of with a VACUUM, which writes everything anew. The price
  ///   is a page of pointers for about 800 others. https://www.sqlite.org/pragma.html#pragma_auto_vacuum
  /// - page_size stays 4096, the file systems' own: a commit then writes whole blocks.
  /// - secure_delete: Debian's build has it on, so that each delete writes zeroes over the rows. Taking
  ///   a task back would write its pages twice, to hide from a disk what lies in `archive/` as well.
  ///   https://www.sqlite.org/pragma.html#pragma_secure_delete
  /// - wal_autocheckpoint: pages, so 16 MiB in place of 4. A checkpoint syncs WAL and database and
  ///   writes each changed page once, however often it changed since the last one; fewer of them
  ///   are cheaper, and 16 MiB are read back in no time after a kill.
  ///   https://www.sqlite.org/pragma.html#pragma_wal_autocheckpoint
  /// - journal_size_limit: bytes. After a burst, or a reader that held the checkpoint back, the WAL
  ///   file would keep its largest size for ever. https://www.sqlite.org/pragma.html#pragma_journal_size_limit
  /// - cache_size: KiB where negative, so 16 MiB in place of 2. A batch whose changed pages fit is
  ///   written once, at its commit. https://www.sqlite.org/pragma.html#pragma_cache_size
  private static let writerPragmas = """
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA secure_delete = OFF;
    PRAGMA wal_autocheckpoint = 4096;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -16384;
    """

  private static var shared: Configuration {
    var configuration = Configuration()
    // The small tables refer to the manifest; a row that belongs to no task would be a defect that
    // shows at once. `play_rows` has no such reference, a look-up a row would cost more than it tells.
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      // cell_size_check finds a damaged page when it is read, before its content is believed.
      // trusted_schema: a schema that somebody tampered with cannot call functions with side effects.
      // https://www.sqlite.org/security.html, "Untrusted SQLite Database Files"
      try database.execute(
        sql: "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;")
    }
    return configuration
  }

  private static let names = [
    "application_id", "auto_vacuum", "busy_timeout", "cache_size", "cell_size_check",
    "foreign_keys",
    "journal_mode", "journal_size_limit", "locking_mode", "page_size", "secure_delete",
    "synchronous", "temp_store", "trusted_schema", "user_version", "wal_autocheckpoint",
  ]

  static func readBack(_ database: Database) throws -> [String: String] {
    var values: [String: String] = [:]
    values["sqlite_version"] = try String.fetchOne(database, sql: "SELECT sqlite_version()")
    for name in names {
      let value = try DatabaseValue.fetchOne(database, sql: "PRAGMA \(name)")
      values[name] =
        value.flatMap { value in String.fromDatabaseValue(value) }
        ?? value.flatMap { value in Int64.fromDatabaseValue(value) }.map(String.init)
    }
    return values
  }

  /// What the promises rest on: commits that are synced, in a log that readers can read beside.
  static func assertSafe(_ database: Database, path: String) throws {
    let values = try readBack(database)
    for (name, wanted) in [("synchronous", "2"), ("journal_mode", "wal"), ("foreign_keys", "1")] {
      let value = values[name] ?? "unknown"
      guard value == wanted else {
        throw StoreError.unsafeSetting(path: path, name: name, value: value)
      }
    }
  }
}
