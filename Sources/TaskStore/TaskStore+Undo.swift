import GRDB
package import TaskModel

extension TaskStore {
  /// Puts a task back: `running` -> `queued`, or `failed` or `cancelled` -> `queued`, a retry.
  ///
  /// Nothing is left of the attempt but its count, the events, the reserved output number, and size and
  /// digests of what it may have published. The rows of a large task go in several transactions, the
  /// status changes in the last one: a call that throws, or is killed, leaves a task whose
  /// status is what it was, and is to be repeated.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - toResume: Whether what lies before the resume point of a running task stays, for the next attempt
  ///     to go on from there.
  ///   - sizeBytes: Of its file, where that is another one now.
  ///   - reason: One sentence, for the event.
  ///   - time: Of the event.
  ///   - afterEach: Called after each transaction.
  /// - Throws: `illegalTransition` for a task of any other status.
  package func requeue(
    _ task: TaskID, toResume: Bool = true, sizeBytes: Int64? = nil, reason: String,
    at time: Timestamp, afterEach: () -> Void = {}
  ) throws(StoreError) {
    try writeUntilTrue("queue a task again", afterEach: afterEach) { transaction in
      try transaction.requeue(
        task, toResume: toResume, sizeBytes: sizeBytes, reason: reason, at: time)
    }
  }

  /// Notes, among the events of a task that is queued or publishes, why it does not go on: the machine's trouble, in a
  /// sentence.
  ///
  /// - Throws: `illegalTransition` for a task of any other status.
  package func noteWaiting(
    _ task: TaskID, reason: String, at time: Timestamp
  ) throws(StoreError) {
    try write("note why a task waits") { transaction in
      try transaction.noteWaiting(task, reason: reason, at: time)
    }
  }

  /// Where an earlier attempt of a task can be gone on with; nil where there is nothing of it.
  package func resumePoint(of task: TaskID) throws(StoreError) -> ResumePoint? {
    try read("look for a place to resume at") { queries in
      let row = try Row.fetchOne(
        queries.database,
        sql: """
          SELECT resume_points.* FROM resume_points
          JOIN manifest ON manifest.id = resume_points.task WHERE manifest.task_id = ?
          """, arguments: [task.description])
      guard let row else { return nil }
      guard let playsSum = Int128(row["plays_sum"] as String) else {
        throw StoreError.corrupt(path: path, detail: "resume_points.plays_sum is no number")
      }
      return ResumePoint(
        offset: row["offset"], hashedBytes: row["hashed_bytes"],
        hashedSHA256: row["hashed_sha256"], line: row["line"], rowsRead: row["rows_read"],
        rowsRejected: row["rows_rejected"], playsSum: playsSum, settings: row["settings"])
    }
  }

  /// Forgets what an earlier attempt of a running task left to go on with: it begins anew.
  package func dropResumePoint(
    _ task: TaskID, afterEach: () -> Void = {}
  ) throws(StoreError) {
    try writeUntilTrue("begin a task anew", afterEach: afterEach) { transaction in
      let stored = try transaction.task(task)
      guard stored.record.phase == .ingesting else {
        throw stored.refusing("begun anew")
      }
      let isDone = try transaction.undoChunk(of: stored.id)
      if isDone {
        try transaction.run("DELETE FROM reject_rows WHERE task = ?", [stored.id])
      }
      return isDone
    }
  }

  /// Takes out the rows that tasks still have which ended without any, or gave them up; called at start-up.
  ///
  /// A kill, or a full disk, came between their end and the removal. Nobody ever saw these rows.
  package func removeLeftovers(afterEach: () -> Void = {}) throws(StoreError) {
    let tasks = try read("look for leftovers") { queries in
      try String.fetchAll(queries.database, sql: Self.tasksWithLeftovers)
        .compactMap { text in TaskID(text) }
    }
    for task in tasks { try removeLeftovers(of: task, afterEach: afterEach) }
  }

  /// Read from the few that are marked, never from the history.
  static let tasksWithLeftovers = """
    SELECT manifest.task_id FROM leftovers CROSS JOIN manifest ON manifest.id = leftovers.task
    WHERE manifest.status NOT IN ('queued', 'running', 'done') OR manifest.pruned_at IS NOT NULL
    """

  /// Takes out the rows of a task that has ended without any, or gave them up; those of every other stay.
  ///
  /// - Parameters:
  ///   - task: Its id.
  ///   - isStopped: Asked before each transaction; what is left then, the next start takes out.
  ///   - afterEach: Called after each transaction.
  /// - Throws: What SQLite meets.
  package func removeLeftovers(
    of task: TaskID, unless isStopped: () -> Bool = { false }, afterEach: () -> Void = {}
  ) throws(StoreError) {
    try writeUntilTrue("remove the rows of a task", afterEach: afterEach) { transaction in
      if isStopped() { return true }
      let stored = try transaction.task(task)
      guard stored.record.status.isFinal, stored.record.status != .done || stored.prunedAt != nil
      else { return true }
      return try transaction.removeChunk(of: stored.id)
    }
  }

  /// One transaction after another until the body has no more to do; others write in between.
  func writeUntilTrue(
    _ operation: String, afterEach: () -> Void = {}, _ body: (StoreTransaction) throws -> Bool
  ) throws(StoreError) {
    while try !write(operation, body) { afterEach() }
  }
}
