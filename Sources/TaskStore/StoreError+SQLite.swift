import GRDB

extension StoreError {
  /// Sorts what SQLite reports into the cases that callers tell apart.
  init(_ error: DatabaseError, doing operation: String, path: String) {
    switch error.resultCode {
    case .SQLITE_FULL: self = .full(path: path)
    case .SQLITE_BUSY: self = .busy(path: path)
    case .SQLITE_CORRUPT: self = .corrupt(path: path, detail: error.message ?? "SQLITE_CORRUPT")
    case .SQLITE_NOTADB: self = .notADatabase(path: path)
    default:
      self = .other(
        code: error.extendedResultCode.rawValue,
        message: error.message ?? "no message", operation: operation, path: path)
    }
  }

  /// Runs the body; whatever it throws comes out as a `StoreError` that says what was being done.
  ///
  /// - Parameters:
  ///   - operation: Completes the sentence "could not ...".
  ///   - path: The database file.
  ///   - body: Code in the untyped world of GRDB.
  /// - Returns: What the body returns.
  /// - Throws: `other` for whatever is neither ours nor SQLite's.
  static func wrapping<Result>(
    _ operation: String, path: String, _ body: () throws -> Result
  ) throws(StoreError) -> Result {
    do {
      return try body()
    } catch let error as StoreError {
      throw error
    } catch let error as DatabaseError {
      throw StoreError(error, doing: operation, path: path)
    } catch {
      throw .other(code: 0, message: String(describing: error), operation: operation, path: path)
    }
  }
}
