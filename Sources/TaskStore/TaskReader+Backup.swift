import GRDB

extension TaskReader {
  /// Copies the database as it is at one moment into a new file, by SQLite's online backup.
  ///
  /// All steps read one snapshot, so nothing that the daemon commits meanwhile begins the copy anew or gets into it.
  /// The cost: while the copy is made, the daemon's checkpoints wait, and its log grows by what it commits. The
  /// copy is one file in rollback mode, so it can be read where nobody may write; watchd turns its log on
  /// again.
  ///
  /// - Parameters:
  ///   - path: Of a file that does not exist; what is left of it after an error is the caller's to remove,
  ///     with `-wal`, `-shm` and `-journal` behind its name.
  ///   - progress: Called now and then with the number of pages that are copied, and of all; throws to end it.
  /// - Throws: What `progress` throws, and `StoreError`; `corrupt` where the copy fails its check.
  package func backup(
    to path: String, progress: (_ done: Int, _ all: Int) throws -> Void
  ) throws {
    do {
      try copy(to: path, progress)
      try finish(path)
    } catch let error as DatabaseError {
      throw StoreError(error, doing: "copy the database", path: path)
    }
  }

  private func copy(to path: String, _ progress: (Int, Int) throws -> Void) throws {
    var configuration = Configuration()
    configuration.label = "watchd-backup"
    configuration.prepareDatabase { database in
      // A copy that is cut short is thrown away, and one that is whole is synced by the caller.
      try database.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    }
    let copy = try DatabaseQueue(path: path, configuration: configuration)
    try withoutActuallyEscaping(progress) { progress in
      try readable.read { source in
        // A transaction begins with its first read; from here on it has its snapshot.
        _ = try Int.fetchOne(source, sql: "SELECT count(*) FROM sqlite_schema")
        try copy.writeWithoutTransaction { target in
          try source.backup(to: target, pagesPerStep: 1024) { state in
            try progress(state.completedPageCount, state.totalPageCount)
          }
        }
      }
    }
    try copy.close()
  }

  private func finish(_ path: String) throws {
    let copy = try DatabaseQueue(path: path)
    try copy.writeWithoutTransaction { database in
      _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
      let lines = try String.fetchAll(database, sql: "PRAGMA integrity_check(1)")
      guard lines == ["ok"] else {
        throw StoreError.corrupt(path: self.path, detail: lines.first ?? "no integrity_check")
      }
    }
    try copy.close()
  }
}
