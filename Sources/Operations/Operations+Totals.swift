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
  /// How many bytes the whole has, where only the beginning of it stands here.
  package var songBytes: Int?
  package var dateBytes: Int?

  private typealias CodingKeys = PlaysKeys
}

/// Why totals are not told.
package enum TotalsError: Error, CustomStringConvertible {
  case tooLong(most: Int)

  package var description: String {
    switch self {
    case .tooLong(let most):
      "these totals take more than \(most >> 20) MiB; ask for fewer of them with limit"
    }
  }
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
  ///   - stop: Asked while they are added up.
  /// - Returns: The rows, of long songs and dates the beginning.
  /// - Throws: `TotalsError`, `CancellationError`, and what SQLite meets.
  package func totals(
    by grouping: TotalsGrouping, song: String?, from: String?, to: String?, limit: Int,
    stop: PassStop
  ) throws -> [TotalRow] {
    let stored: TotalsQuestion.Grouping =
      switch grouping {
      case .songAndDate: .songAndDate
      case .song: .song
      case .date: .date
      }
    var rows: [TotalRow] = []
    var bytes = 0
    let question = TotalsQuestion(stored, song: song, from: from, to: to, limit: limit)
    let isStopped = { @Sendable in stop.isStopped }
    try store.totals(question, isStopped: isStopped) { names, sum in
      try stop.check()
      let row = TotalRow(
        song: grouping == .date ? nil : names[0],
        date: grouping == .song ? nil : names[names.count - 1], plays: sum)
      bytes += (row.song?.utf8.count ?? 0) + (row.date?.utf8.count ?? 0)
      guard bytes <= Self.longestTotals else { throw TotalsError.tooLong(most: Self.longestTotals) }
      rows.append(row)
    }
    return rows
  }

  private static let longestTotals = 16 << 20
}

extension TotalRow {
  fileprivate init(song: String?, date: String?, plays: Int128) {
    let (song, date) = (song.map(ResultField.shown), date.map(ResultField.shown))
    self.init(
      song: song?.text, date: date?.text, plays: plays, songBytes: song?.bytes,
      dateBytes: date?.bytes)
  }
}
