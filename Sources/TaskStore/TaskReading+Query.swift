import GRDB

extension TaskReading {
  /// Answers a question in SQL.
  ///
  /// The connection can only read, and nothing but one statement that returns rows and changes nothing is
  /// run, so whatever is asked, the database stays as it is.
  ///
  /// - Parameters:
  ///   - sql: One statement.
  ///   - columns: Called once, before any row, with the names.
  ///   - row: Called with each row.
  /// - Throws: `StoreError.unanswerable` with SQLite's message, and what the bodies throw.
  package func query(
    _ sql: String, columns: ([String]) throws -> Void, row: ([Cell]) throws -> Void
  ) throws {
    do {
      try readable.read { database in
        let statement = try database.makeStatement(sql: sql)
        guard statement.isReadonly else {
          throw StoreError.unanswerable(
            "the statement would change the database, which is only read")
        }
        guard statement.columnCount > 0 else {
          throw StoreError.unanswerable("the statement returns no rows")
        }
        try columns(statement.columnNames)
        let rows = try Row.fetchCursor(statement)
        while let next = try rows.next() { try row(next.databaseValues.map(Cell.init)) }
      }
    } catch let error as DatabaseError {
      throw StoreError(asking: error, path: path)
    }
  }
}

extension StoreError {
  /// Tells what is wrong with a question from what is wrong with the database.
  fileprivate init(asking error: DatabaseError, path: String) {
    switch error.resultCode {
    case .SQLITE_MISUSE where error.message?.hasPrefix("Multiple statements") == true:
      // What GRDB says of it names functions of its own.
      self = .unanswerable("there is more than one statement")
    case .SQLITE_MISUSE, .SQLITE_ERROR, .SQLITE_AUTH, .SQLITE_READONLY, .SQLITE_MISMATCH,
      .SQLITE_TOOBIG,
      .SQLITE_RANGE:
      self = .unanswerable(error.message ?? "no message")
    default: self.init(error, doing: "answer the question", path: path)
    }
  }
}

extension Cell {
  fileprivate init(_ value: DatabaseValue) {
    switch value.storage {
    case .null: self = .null
    case .int64(let number): self = .integer(Int128(number))
    case .double(let number): self = .real(number)
    case .string(let text): self = .text(text)
    case .blob(let data): self = .bytes(Array(data))
    }
  }
}
