import GRDB
import GRDBSQLite

extension StoreError {
  /// What a call on SQLite's own handle has just failed with.
  ///
  /// The read of the message holds because the handle is open and nothing else used it since, for
  /// its connection's queue runs one caller at a time; it is copied at once.
  init(_ connection: OpaquePointer, _ code: CInt, operation: String, path: String) {
    let message = unsafe sqlite3_errmsg(connection).map { text in unsafe String(cString: text) }
    let error = DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    self.init(error, doing: operation, path: path)
  }
}
