import GRDB

// Rows are taken out a bounded number a transaction. All at once, the rows of a file of a thousand
// million would go through the log in one transaction: no checkpoint can empty the log before its end, no
// other task can write for minutes, and a full disk rolls all of it back.

extension StoreTransaction {
  /// The most rows that one transaction takes out.
  static let rowsPerChunk = 50_000

  /// Takes out the last rows of a task, and with them the batches that they are all of.
  ///
  /// A batch that goes in part ends earlier from the same commit on. SQLite gives the id of a row that is
  /// gone to the next one, of whatever task (https://www.sqlite.org/autoinc.html), so a batch must never
  /// reach over rows that it no longer has.
  ///
  /// - Parameters:
  ///   - stored: `manifest.id`.
  ///   - kept: The number of the last batch that stays; 0 for none.
  /// - Returns: True where nothing else is left.
  /// - Throws: What SQLite meets.
  func removeChunk(of stored: Int64, behind kept: Int64 = 0) throws -> Bool {
    var room = Self.rowsPerChunk
    return try removeRows(of: stored, behind: kept, room: &room)
  }

  /// The same for several tasks that share a transaction: what each takes out is taken from the room that all have.
  func removeRows(of stored: Int64, behind kept: Int64 = 0, room: inout Int) throws -> Bool {
    while let batch = try lastBatch(of: stored, behind: kept) {
      guard room > 0 else { return false }
      // A batch without rows counts as one, for very many of them are work as well.
      room -= max(1, try remove(batch, upTo: room, of: stored))
    }
    return true
  }

  /// Takes a chunk of an attempt out; with the last one the task also gives up the content.
  ///
  /// Up to then the task is marked: half of its rows are no file that could be finished or added to.
  ///
  /// - Parameters:
  ///   - stored: `manifest.id`.
  ///   - kept: The number of the last batch that stays; 0 for none, and then no resume point either.
  /// - Returns: True where nothing else is left, so that the status may change in this transaction.
  /// - Throws: What SQLite meets.
  func undoChunk(of stored: Int64, behind kept: Int64 = 0) throws -> Bool {
    if kept == 0 { try run("DELETE FROM resume_points WHERE task = ?", [stored]) }
    let isLast = try removeChunk(of: stored, behind: kept)
    try run("UPDATE manifest SET undoing = ? WHERE id = ?", [!isLast, stored])
    if isLast { try run("DELETE FROM fingerprints WHERE task = ?", [stored]) }
    return isLast
  }

  /// The number of the last batch before the task's resume point; 0 where it has none.
  func keptBatch(of stored: Int64) throws -> Int64 {
    try Int64.fetchOne(
      database.cachedStatement(sql: "SELECT batch FROM resume_points WHERE task = ?"),
      arguments: [stored]) ?? 0
  }

  private func lastBatch(of stored: Int64, behind kept: Int64) throws -> Row? {
    try Row.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT number, first_row, last_row FROM batches WHERE task = ? AND number > ?
          ORDER BY number DESC LIMIT 1
          """),
      arguments: [stored, kept])
  }

  /// Takes out the batch, or as many of its last rows; returns how many rows that were.
  private func remove(_ batch: Row, upTo most: Int, of stored: Int64) throws -> Int {
    let number: Int64 = batch["number"]
    guard let first = batch["first_row"] as Int64?, let last = batch["last_row"] as Int64? else {
      try run("DELETE FROM batches WHERE task = ? AND number = ?", [stored, number])
      return 0
    }
    let from = max(first, last - Int64(most) + 1)
    try run("DELETE FROM play_rows WHERE rowid BETWEEN ? AND ?", [from, last])
    if from == first {
      try run("DELETE FROM batches WHERE task = ? AND number = ?", [stored, number])
    } else {
      try run(
        "UPDATE batches SET last_row = ? WHERE task = ? AND number = ?", [from - 1, stored, number])
    }
    return Int(last - from + 1)
  }
}
