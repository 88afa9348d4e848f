import GRDB

/// What a check of the database found.
package struct StoreHealth: Hashable, Sendable {
  /// Of the library that is linked here, as `3.40.1`.
  package let sqliteVersion: String
  package let schemaVersion: Int
  /// What `PRAGMA quick_check` says; empty where all is well.
  package let damage: [String]
  /// Whether free pages can be given back to the file system; not where an early version made the file.
  package let givesSpaceBack: Bool
}

extension TaskReading {
  /// Reads every page of the database, and nothing of the indexes' contents.
  ///
  /// https://www.sqlite.org/pragma.html#pragma_quick_check
  package func health() throws(StoreError) -> StoreHealth {
    try read("check the database") { queries in
      let database = queries.database
      let lines = try String.fetchAll(database, sql: "PRAGMA quick_check(5)")
      return StoreHealth(
        sqliteVersion: try String.fetchOne(database, sql: "SELECT sqlite_version()") ?? "unknown",
        schemaVersion: try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
        damage: lines == ["ok"] ? [] : lines,
        givesSpaceBack: try Int64.fetchOne(database, sql: "PRAGMA auto_vacuum")
          == TaskStore.incremental)
    }
  }
}
