import GRDB
import GRDBSQLite

/// Puts the rows of one batch into `play_rows`.
///
/// Fifty rows go in by one run of a statement, which takes half the time of fifty runs of one; the
/// price is a copy of their bytes, for the caller lends each row for one call only. What is left
/// over, and a row too long to be kept, goes in by itself.
///
/// Why the unsafe calls here hold: the buffer is written and read within its bounds only, by `add`
/// and `flush`, and freed in `deinit`, after the last run; no statement keeps a pointer into it
/// beyond a run.
@safe
final class SQLiteRowLoader {
  static let rowsPerRun = 50
  private static let stagingBytes = 64 * 1024

  /// Where a kept row lies in the buffer: the song, then the date.
  private struct Staged {
    var start: Int
    var songCount: Int
    var dateCount: Int
    var plays: Int64
  }

  private let many: SQLiteInsert
  private let one: SQLiteInsert
  private let staging: UnsafeMutableRawBufferPointer
  private var stagedBytes = 0
  private var staged: [Staged] = []
  private var count: Int64 = 0

  /// Loads all rows of a source.
  ///
  /// SQLite gives a row the largest id + 1 (https://www.sqlite.org/autoinc.html), and no other
  /// connection inserts while the transaction is open, so the ids are consecutive. That a range is all
  /// there is to a batch rests on it, hence the check.
  ///
  /// - Parameters:
  ///   - rows: The source.
  ///   - task: `manifest.id`.
  ///   - database: In a write transaction.
  ///   - path: The database file, for errors.
  /// - Returns: The ids of the rows, nil where there were none.
  /// - Throws: What SQLite meets, and what the source throws.
  static func load(
    _ rows: inout some PlayRowSource, task: Int64, into database: Database,
    path: String
  ) throws -> ClosedRange<Int64>? {
    let before = try Int64.fetchOne(
      database.cachedStatement(sql: "SELECT coalesce(max(id), 0) FROM play_rows"))
    guard let before, let connection = unsafe database.sqliteConnection else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
    }
    let loader = try unsafe SQLiteRowLoader(task: task, on: connection, path: path)
    try unsafe rows.forEachRow { song, date, plays throws(StoreError) in
      try unsafe loader.add(song: song, date: date, plays: plays)
    }
    try loader.flush()
    guard loader.count > 0 else { return nil }
    let last = unsafe sqlite3_last_insert_rowid(connection)
    guard last - before == loader.count else {
      throw StoreError.corrupt(
        path: path, detail: "row ids \(before) to \(last) for \(loader.count) rows")
    }
    return before + 1...last
  }

  private init(task: Int64, on connection: OpaquePointer, path: String) throws(StoreError) {
    let many = try unsafe SQLiteInsert(
      rows: Self.rowsPerRun, task: task, on: connection, path: path)
    let one = try unsafe SQLiteInsert(rows: 1, task: task, on: connection, path: path)
    self.many = many
    self.one = one
    unsafe staging = .allocate(byteCount: Self.stagingBytes, alignment: 1)
    staged.reserveCapacity(Self.rowsPerRun)
  }

  deinit {
    unsafe staging.deallocate()
  }

  private func add(
    song: UnsafeRawBufferPointer, date: UnsafeRawBufferPointer, plays: Int64
  ) throws(StoreError) {
    count += 1
    let bytes = song.count + date.count
    if stagedBytes + bytes > Self.stagingBytes { try flush() }
    guard bytes <= Self.stagingBytes else {
      try unsafe one.bind(0, song: song, date: date, plays: plays)
      try one.run()
      return
    }
    unsafe copy(song, to: stagedBytes)
    unsafe copy(date, to: stagedBytes + song.count)
    staged.append(
      Staged(
        start: stagedBytes, songCount: song.count, dateCount: date.count, plays: plays))
    stagedBytes += bytes
    if staged.count == Self.rowsPerRun { try flush() }
  }

  /// Inserts the rows that were kept, in their order.
  private func flush() throws(StoreError) {
    if staged.count == Self.rowsPerRun {
      for (place, row) in staged.enumerated() { try bind(row, to: many, at: place) }
      try many.run()
    } else {
      for row in staged {
        try bind(row, to: one, at: 0)
        try one.run()
      }
    }
    staged.removeAll(keepingCapacity: true)
    stagedBytes = 0
  }

  private func bind(
    _ row: Staged, to insert: borrowing SQLiteInsert, at place: Int
  ) throws(StoreError) {
    let date = row.start + row.songCount
    try unsafe insert.bind(
      place, song: UnsafeRawBufferPointer(rebasing: staging[row.start..<date]),
      date: UnsafeRawBufferPointer(rebasing: staging[date..<date + row.dateCount]),
      plays: row.plays)
  }

  private func copy(_ bytes: UnsafeRawBufferPointer, to start: Int) {
    unsafe UnsafeMutableRawBufferPointer(
      rebasing: staging[start..<start + bytes.count]
    ).copyMemory(from: bytes)
  }
}
