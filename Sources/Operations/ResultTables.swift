import Synchronization
import TaskModel

/// The results that are being looked at as tables: the last one is kept, so that its next page does not cost a pass
/// over the file.
///
/// One at a time, by one thread at a time: a second person waits for the first one's pass, and the memory is that of one table.
package final class ResultTables: Sendable {
  private let operations: Operations
  private let last = Mutex<(sha256: String, table: ResultTable)?>(nil)

  package init(_ operations: Operations) {
    self.operations = operations
  }

  /// A page of the result of a task, as text for `Operations.task`.
  package func page(_ question: TableQuestion, of text: String) throws -> TablePage {
    try table(of: text).page(question)
  }

  package func chart(of text: String) throws -> ResultChart { try table(of: text).chart }

  private func table(of text: String) throws -> ResultTable {
    let content = try operations.openResult(of: text)
    return try last.withLock { last in
      if let last, last.sha256 == content.sha256 { return last.table }
      last = nil
      let table = try ResultTable(content)
      last = (content.sha256, table)
      return table
    }
  }
}

/// The rows of a result, some at a time, in the order of the file.
package final class ResultCursor: Sendable {
  private let rows: Mutex<ResultRows>

  package init(_ content: OutboxContent) throws {
    var rows = ResultRows(content, from: 0)
    try rows.skipHeader()
    self.rows = Mutex(rows)
  }

  /// Up to so many rows; none at the end.
  package func next(_ most: Int) throws -> [ResultRow] {
    try rows.withLock { rows in
      var found: [ResultRow] = []
      while found.count < most, let line = try rows.next() { found.append(line.row) }
      return found
    }
  }
}
