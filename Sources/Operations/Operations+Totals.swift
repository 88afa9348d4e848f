package import TaskStore

extension Operations {
  /// The totals across all done files, group by group; see `TaskReading.totals`.
  package func totals(
    _ question: TotalsQuestion, _ body: ([String], Int128) throws -> Void
  ) throws {
    try store.totals(question, body)
  }

  /// The answer to one question in SQL, row by row; see `TaskReading.query`.
  package func query(
    _ sql: String, columns: ([String]) throws -> Void, row: ([Cell]) throws -> Void
  ) throws {
    try store.query(sql, columns: columns, row: row)
  }
}

/// What a row of totals is of.
package enum TotalsGrouping: String, Sendable, CaseIterable {
  /// As in a result: sorted by song, then date.
  case songAndDate = "song-date"
  /// The largest sums first.
  case song
  /// Sorted by date.
  case date
}

/// A sum across all done files.
package struct TotalRow: Hashable, Sendable, Encodable {
  package let song: String?
  package let date: String?
  package let plays: Int128
}

extension Operations {
  /// The first totals of a grouping.
  ///
  /// - Parameters:
  ///   - grouping: What a row is of.
  ///   - song: Only this one, to the byte.
  ///   - from: Only dates from this one on, by bytes.
  ///   - to: Only dates up to this one.
  ///   - limit: At most so many rows, for they are all in memory.
  /// - Returns: The rows.
  /// - Throws: What SQLite meets.
  package func totals(
    by grouping: TotalsGrouping, song: String?, from: String?, to: String?, limit: Int
  ) throws -> [TotalRow] {
    let stored: TotalsQuestion.Grouping =
      switch grouping {
      case .songAndDate: .songAndDate
      case .song: .song
      case .date: .date
      }
    var rows: [TotalRow] = []
    let question = TotalsQuestion(stored, song: song, from: from, to: to, limit: limit)
    try totals(question) { names, sum in
      let hasSong = grouping != .date
      rows.append(
        TotalRow(
          song: hasSong ? names[0] : nil, date: grouping == .song ? nil : names[names.count - 1],
          plays: sum))
    }
    return rows
  }
}
