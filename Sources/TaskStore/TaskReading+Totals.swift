import GRDB

/// Which plays are added up, and how.
package struct TotalsQuestion: Hashable, Sendable {
  package enum Grouping: Hashable, Sendable {
    /// As in a result: sorted by the bytes of the song, then of the date.
    case songAndDate
    /// The largest sums first, those of one size by the bytes of the song.
    case song
    /// Sorted by the bytes of the date.
    case date
  }

  package var grouping: Grouping
  /// To the byte; nil for all.
  package var song: String?
  /// The first and the last date, by bytes and both inclusive; nil for no bound.
  package var from: String?
  package var to: String?
  /// At most so many groups; nil for all.
  package var limit: Int?

  package init(
    _ grouping: Grouping, song: String? = nil, from: String? = nil, to: String? = nil,
    limit: Int? = nil
  ) {
    self.grouping = grouping
    self.song = song
    self.from = from
    self.to = to
    self.limit = limit
  }
}

extension TaskReading {
  /// Adds up what all done files hold, from one snapshot.
  ///
  /// Groups come one by one, so memory is bounded whatever their number: SQLite sorts in a file of its own. The
  /// cost is that the snapshot holds back the daemon's checkpoints for as long as the body takes.
  ///
  /// - Parameters:
  ///   - question: What to add up.
  ///   - isStopped: Asked some hundred times a second, also before the first group; nil for one that is never stopped.
  ///   - body: Called with what the grouping names, and the sum.
  /// - Throws: What the body throws, `CancellationError` where it was stopped, and `StoreError`.
  package func totals(
    _ question: TotalsQuestion, isStopped: (@Sendable () -> Bool)? = nil,
    _ body: ([String], Int128) throws -> Void
  ) throws {
    try stream("add up the plays", isStopped) { database in
      let statement = try database.makeStatement(sql: question.sql)
      let groups = try Row.fetchCursor(
        statement,
        arguments: [question.song, question.from, question.to, question.limit ?? -1])
      while let row = try groups.next() {
        let names = question.columns.indices.map { row[$0] as String }
        let high: Int64 = row["high"]
        let low: Int64 = row["low"]
        try body(names, Int128(high) << 32 + Int128(low))
      }
    }
  }

  /// Runs a body on one snapshot; what is not the database's fault comes out as it is.
  func stream(
    _ operation: String, _ isStopped: (@Sendable () -> Bool)?, _ body: (Database) throws -> Void
  ) throws {
    do {
      try readable.read { database in
        guard let isStopped else { return try body(database) }
        let progress = SQLiteProgress { !isStopped() }
        progress.begin(on: database)
        defer { withExtendedLifetime(progress) { progress.end(on: database) } }
        try body(database)
      }
    } catch let error as DatabaseError {
      if error.resultCode == .SQLITE_INTERRUPT { throw CancellationError() }
      throw StoreError(error, doing: operation, path: path)
    }
  }
}

extension TotalsQuestion {
  fileprivate var columns: [String] {
    switch grouping {
    case .songAndDate: ["song", "date"]
    case .song: ["song"]
    case .date: ["date"]
    }
  }

  /// The statement, in which no sum overflows.
  ///
  /// SUM fails where 64 bits do not hold it, so the upper and the lower halves are added up apart: neither can
  /// overflow before there are 2^31 rows in a group. `>>` keeps the sign
  /// (https://www.sqlite.org/lang_expr.html), so `plays` is the upper half times 2^32 plus the lower.
  ///
  /// Comparisons and order are BINARY, SQLite's default: memcmp(3) on UTF-8.
  fileprivate var sql: String {
    let columns = columns.joined(separator: ", ")
    let order = grouping == .song ? "high DESC, low DESC, song" : columns
    return """
      SELECT \(columns), high + (low >> 32) AS high, low & 4294967295 AS low
      FROM (
        SELECT \(columns), SUM(plays >> 32) AS high, SUM(plays & 4294967295) AS low FROM plays
        WHERE (?1 IS NULL OR song = ?1) AND (?2 IS NULL OR date >= ?2) AND (?3 IS NULL OR date <= ?3)
        GROUP BY \(columns))
      ORDER BY \(order) LIMIT ?4
      """
  }
}
