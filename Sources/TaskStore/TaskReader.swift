import Foundation
package import GRDB

/// Looks into the database of a state directory from another process, the daemon up or down.
///
/// The connection is read-only: it never writes, never checkpoints, never makes the database. What
/// a killed daemon had committed is read from the log that it left. SQLite makes the files `-wal` and
/// `-shm` beside the database where they are missing; a caller who may not write in the directory
/// needs them to be there, and the daemon leaves them (`SQLiteWAL.keepFiles`). Only a database that
/// was copied without them into such a directory cannot be read.
package final class TaskReader: TaskReading {
  package let path: String
  private let queue: DatabaseQueue
  package var readable: any DatabaseReader { queue }

  private init(path: String, queue: DatabaseQueue) {
    self.path = path
    self.queue = queue
  }

  /// Opens the database where there is one of this version.
  ///
  /// - Parameter directory: The state directory.
  /// - Returns: A reader, to be closed.
  /// - Throws: `missing` where no daemon has run, `newerSchema` and `notADatabase`.
  package static func open(directory: String) throws(StoreError) -> TaskReader {
    let path = directory + "/" + TaskStore.fileName
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    return try StoreError.wrapping("open the database", path: path) {
      let queue = try DatabaseQueue(path: path, configuration: ConnectionSettings.reader)
      switch try queue.read({ database in try Schema.state(of: database) }) {
      case .ours(Schema.version): return TaskReader(path: path, queue: queue)
      case .ours(let version) where version > Schema.version:
        throw StoreError.newerSchema(path: path, found: version, known: Schema.version)
      case .empty, .ours: throw StoreError.missing(path: path)
      case .foreign: throw StoreError.notADatabase(path: path)
      }
    }
  }

  /// A number that differs from the last one where any other connection, of any process, committed in between.
  ///
  /// https://www.sqlite.org/pragma.html#pragma_data_version
  package func dataVersion() throws(StoreError) -> Int {
    try read("look for changes") { queries in
      try Int.fetchOne(queries.database, sql: "PRAGMA data_version") ?? 0
    }
  }

  package func close() throws(StoreError) {
    try StoreError.wrapping("close", path: path) { try queue.close() }
  }
}
