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

  /// Whether a call on the database's files failed, for another reason than want of room.
  package var isDiskFailure: Bool {
    guard case .other(let code, _, _, _) = self else { return false }
    return code & 0xFF == ResultCode.SQLITE_IOERR.rawValue
  }

  /// Whether the database's files could not be opened, or only to be read, which SQLite then does: for want of a right, or of
  /// a descriptor.
  package var isRefusedOpening: Bool {
    guard case .other(let code, _, _, _) = self else { return false }
    return [ResultCode.SQLITE_CANTOPEN, .SQLITE_READONLY].map(\.rawValue).contains(code & 0xFF)
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
