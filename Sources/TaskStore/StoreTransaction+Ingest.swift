import GRDB
import PlayRows
import TaskModel

extension StoreTransaction {
  func progress(_ task: TaskID, _ progress: IngestProgress) throws {
    let stored = try self.task(task, in: .ingesting, for: "advanced")
    try setProgress(progress, of: stored.id)
  }

  func appendBatch(
    _ task: TaskID, run: Int, progress: IngestProgress, rows: borrowing RowBlock,
    image: RowImage?, rejects: [RejectedRecord]
  ) throws {
    let stored = try self.task(task, in: .ingesting, for: "given rows")
    try addBatch(
      to: stored.id, run: run, progress: progress, rows: rows, image: image, rejects: rejects)
  }

  func setResumePoint(_ task: TaskID, _ point: ResumePoint) throws {
    let stored = try self.task(task, in: .ingesting, for: "given a place to resume at")
    try run(
      """
      INSERT OR REPLACE INTO resume_points (task, batch, offset, hashed_bytes, hashed_sha256, line,
        rows_read, rows_rejected, plays_sum, settings)
      SELECT ?1, coalesce(max(number), 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM batches WHERE task = ?1
      """,
      [
        stored.id, point.offset, point.hashedBytes, point.hashedSHA256, point.line,
        point.rowsRead, point.rowsRejected, String(point.playsSum), point.settings,
      ])
  }

  func finishIngest(
    _ task: TaskID, summary: IngestSummary, rows: LastRows, of block: borrowing RowBlock,
    rejects: [RejectedRecord], onDuplicate policy: Settings.OnDuplicate, at time: Timestamp
  ) throws -> IngestOutcome {
    let stored = try self.task(task, in: .ingesting, for: "published")
    let outcome = try claim(
      summary.sha256, for: stored.id, policy, hasRows: rows != .leftOut)
    var original: TaskID?
    switch outcome {
    case .undecided, .needsRows: return outcome
    case .duplicate(let holder):
      // Rows of earlier batches stay, unseen, until the task has ended: there may be very many.
      original = holder
      try setProgress(summary.progress, of: stored.id)
      try addRejects(rejects, to: stored.id)
    case .loaded:
      if case .batch(let run) = rows {
        try addBatch(
          to: stored.id, run: run, progress: summary.progress, rows: block, image: nil,
          rejects: rejects)
      } else {
        try setProgress(summary.progress, of: stored.id)
        try addRejects(rejects, to: stored.id)
      }
    }
    try run(
      """
      UPDATE manifest SET phase = 'publishing', sha256 = ?, "groups" = ?, plays_sum = ?,
        "columns" = ?, output_number = ?, result_name = ?, result_bytes = ?, result_sha256 = ?,
        rejects_sha256 = ?, duplicate_of = ?
      WHERE id = ?
      """,
      [
        summary.sha256, summary.groups, StoredTask.databaseValue(ofSum: summary.playsSum),
        summary.columns.rawValue, summary.outputNumber, summary.resultName.text,
        summary.resultBytes, summary.resultSHA256, summary.rejectsSHA256, original?.description,
        stored.id,
      ])
    try addEvent("ingested", to: stored.id, at: time)
    return outcome
  }

  /// Takes the content for the task, or says who has it.
  private func claim(
    _ sha256: String, for stored: Int64, _ policy: Settings.OnDuplicate, hasRows: Bool
  ) throws -> IngestOutcome {
    guard let holder = try queries.holder(of: sha256) else {
      if !hasRows { return .needsRows }
      try run("INSERT INTO fingerprints (sha256, task) VALUES (?, ?)", [sha256, stored])
      return .loaded
    }
    if policy == .load { return hasRows ? .loaded : .needsRows }
    let record = holder.record
    return record.status == .done
      ? .duplicate(of: record.taskID) : .undecided(until: record.taskID)
  }

  private func addBatch(
    to stored: Int64, run: Int, progress: IngestProgress, rows: borrowing RowBlock,
    image: RowImage?, rejects: [RejectedRecord]
  ) throws {
    let range = try SQLiteRowLoader.load(
      rows, image: image, task: stored, into: database, path: path)
    try self.run(
      """
      INSERT INTO batches
        (task, number, run, first_row, last_row, bytes_read, rows_read, rows_rejected)
      SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM batches WHERE task = ?1
      """,
      [
        stored, run, range?.lowerBound, range?.upperBound, progress.bytesRead, progress.rowsRead,
        progress.rowsRejected,
      ])
    try setProgress(progress, of: stored)
    try addRejects(rejects, to: stored)
  }
}
