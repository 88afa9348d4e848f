import GRDB
package import TaskModel

/// A place in the list of the tasks that have something to give up, the oldest first.
package struct RetentionPlace: Hashable, Sendable {
  var finishedAt: String
  var id: Int64

  /// Before all of them.
  package static let start = RetentionPlace(finishedAt: "", id: 0)

  package init(of task: StoredTask) {
    self.init(finishedAt: task.record.finishedAt?.description ?? "", id: task.id)
  }

  private init(finishedAt: String, id: Int64) {
    self.finishedAt = finishedAt
    self.id = id
  }
}

extension TaskReading {
  /// The next tasks that ended before a time and have not given anything up yet, the oldest first.
  package func kept(
    endedBefore cutoff: Timestamp, after place: RetentionPlace, limit: Int
  ) throws(StoreError) -> [StoredTask] {
    try read("look for old tasks") { queries in
      try queries.kept(endedBefore: cutoff, after: place, limit: limit)
    }
  }

  /// How many rows of tasks the database holds.
  package func rows(of tasks: [StoredTask]) throws(StoreError) -> Int64 {
    try read("count the rows of tasks") { queries in
      try tasks.reduce(0) { try $0 + queries.rows(of: $1.id) }
    }
  }
}

extension TaskQueries {
  fileprivate func kept(
    endedBefore cutoff: Timestamp, after place: RetentionPlace, limit: Int
  ) throws -> [StoredTask] {
    // A task whose row was edited by hand so that it runs and has ended is none of ours to judge.
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT * FROM manifest
          WHERE pruned_at IS NULL AND finished_at IS NOT NULL AND finished_at < ?1
            AND (finished_at, id) > (?2, ?3) AND status NOT IN ('queued', 'running')
          ORDER BY finished_at, id LIMIT ?4
          """),
      arguments: [cutoff.description, place.finishedAt, place.id, limit])
    return try Array(rows.map { row in try StoredTask(row: row, path: path) })
  }

  func rows(of stored: Int64) throws -> Int64 {
    try Int64.fetchOne(
      database.cachedStatement(
        sql: "SELECT coalesce(sum(last_row - first_row + 1), 0) FROM batches WHERE task = ?"),
      arguments: [stored]) ?? 0
  }
}

/// What one transaction did for tasks that are to give something up.
package struct PrunedTasks: Hashable, Sendable {
  /// Those that gave up something just now.
  package var tasks: [TaskID] = []
  /// How many rows they had.
  package var rows: Int64 = 0
  /// Those of them of which rows are left.
  package var large: [TaskID] = []
  /// Those that it did not come to, for a transaction is short.
  package var rest: [TaskID] = []
}

extension TaskStore {
  /// Lets tasks give up their rows, rejects and events for their age; the manifest and the fingerprints keep theirs.
  ///
  /// With its one commit nothing of their rows is seen any more; what is left of a large task is then taken out by
  /// `removeLeftovers(of:)`, which is for the caller to call, or the next start. A task that is not final, or did not
  /// end before the time, or gave up already, stays as it is.
  ///
  /// - Parameters:
  ///   - tasks: In all, 50,000 rows, rejects and events of them go in the one transaction, and the rejects and events of
  ///     the task with which that is reached.
  ///   - cutoff: They ended before it.
  ///   - time: Of now.
  /// - Returns: What it did, and what is to be given to another transaction.
  /// - Throws: What SQLite meets; nothing was changed then.
  package func prune(
    _ tasks: [TaskID], endedBefore cutoff: Timestamp, at time: Timestamp
  ) throws(StoreError) -> PrunedTasks {
    try write("remove what is old") { transaction in
      var pruned = PrunedTasks()
      var room = StoreTransaction.rowsPerChunk
      for (place, task) in tasks.enumerated() {
        guard room > 0 else {
          pruned.rest = Array(tasks[place...])
          break
        }
        let stored = try transaction.task(task)
        guard stored.record.status.isFinal, stored.prunedAt == nil,
          let finished = stored.record.finishedAt, finished < cutoff
        else { continue }
        pruned.rows += try transaction.queries.rows(of: stored.id)
        room -= try transaction.run("DELETE FROM reject_rows WHERE task = ?", [stored.id])
        room -= try transaction.run("DELETE FROM event_rows WHERE task = ?", [stored.id])
        // The rows before the mark: a task that is left without any needs no entry among the leftovers.
        if try !transaction.removeRows(of: stored.id, room: &room) { pruned.large.append(task) }
        try transaction.run(
          "UPDATE manifest SET pruned_at = ? WHERE id = ?", [time.description, stored.id])
        pruned.tasks.append(task)
      }
      return pruned
    }
  }

  /// Gives some of the free pages of the database file back to the file system.
  ///
  /// Pages move, rows do not: each keeps its rowid, and so the ranges of `batches` stay right. The file gets shorter with
  /// the next checkpoint. https://www.sqlite.org/pragma.html#pragma_incremental_vacuum
  ///
  /// - Returns: How many bytes of the file were given back; 0 where nothing is left to give, or where the database was made
  ///   without `auto_vacuum`.
  /// - Throws: What SQLite meets.
  package func giveBackSpace() throws(StoreError) -> Int64 {
    try write("give back free pages") { transaction in
      let database = transaction.database
      func value(_ pragma: String) throws -> Int64 {
        try Int64.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0
      }
      guard try value("auto_vacuum") == Self.incremental else { return 0 }
      let before = try value("page_count")
      try database.execute(sql: "PRAGMA incremental_vacuum(\(Self.pagesPerStep))")
      return try (before - value("page_count")) * value("page_size")
    }
  }

  /// 16 MiB: the transaction writes about as many pages as it frees.
  private static let pagesPerStep = 4096
  static let incremental: Int64 = 2
}
