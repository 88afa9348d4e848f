import GRDB
import TaskModel

extension StoreTransaction {
  func reserveOutputNumber(
    _ task: TaskID, _ number: UInt32, resultName: FileName?, rejectsSHA256: String?
  ) throws {
    let stored = try self.task(task)
    guard stored.record.status == .running else { throw stored.refusing("given an output name") }
    try run(
      "UPDATE manifest SET output_number = ?, result_name = ?, rejects_sha256 = ? WHERE id = ?",
      [number, resultName?.text, rejectsSHA256, stored.id])
  }

  func finish(
    _ task: TaskID, as completion: Completion, resultName: FileName, resultBytes: Int64,
    resultSHA256: String, at time: Timestamp
  ) throws {
    let stored = try self.task(task, in: .publishing, for: completion.rawValue)
    // Done without rows of its own, or a duplicate with rows: either would make the totals wrong.
    guard (completion == .duplicate) == (stored.record.duplicateOf != nil) else {
      throw stored.refusing(completion.rawValue)
    }
    try run(
      """
      UPDATE manifest SET status = ?, phase = NULL, result_name = ?, result_bytes = ?,
        result_sha256 = ?, finished_at = ? WHERE id = ?
      """,
      [
        completion.status.rawValue, resultName.text, resultBytes, resultSHA256, time.description,
        stored.id,
      ])
    try run("DELETE FROM resume_points WHERE task = ?", [stored.id])
    try addEvent(completion.rawValue, to: stored.id, at: time)
  }

  func beginFailing(
    _ task: TaskID, _ failure: FileFailure, progress: IngestProgress, sha256: String?,
    columns: ColumnMapping?, rejects: [RejectedRecord], outputNumber: UInt32,
    rejectsSHA256: String?
  ) throws {
    let stored = try self.task(task, in: .ingesting, for: "failed")
    try setProgress(progress, of: stored.id)
    try addRejects(rejects, to: stored.id)
    // Size and hash of a result stay: an earlier attempt may have published it, and it is to be taken back.
    try run(
      """
      UPDATE manifest SET phase = 'publishing', error_code = ?, error = ?, result_name = NULL,
        duplicate_of = NULL, sha256 = ?, "columns" = ?, output_number = ?, rejects_sha256 = ?
      WHERE id = ?
      """,
      [
        failure.code.rawValue, failure.sentence, sha256, columns?.rawValue, outputNumber,
        rejectsSHA256, stored.id,
      ])
  }

  /// Fails the task, where one chunk is all that is left of its rows.
  ///
  /// - Returns: False where more is left: the chunk is gone, the task still runs, and the call is to
  ///   be repeated in another transaction.
  func fail(
    _ task: TaskID, _ failure: FileFailure, progress: IngestProgress, sha256: String?,
    columns: ColumnMapping?, rejects: [RejectedRecord], at time: Timestamp
  ) throws -> Bool {
    let stored = try self.task(task, becoming: .failed)
    guard try undoChunk(of: stored.id) else { return false }
    try setProgress(progress, of: stored.id)
    try addRejects(rejects, to: stored.id)
    // A failed task has a receipt and no result, so no result name and no duplicate either.
    try run(
      """
      UPDATE manifest SET status = 'failed', phase = NULL, error_code = ?, error = ?,
        result_name = NULL, duplicate_of = NULL, sha256 = ?, "columns" = ?, finished_at = ?
      WHERE id = ?
      """,
      [
        failure.code.rawValue, failure.sentence, sha256, columns?.rawValue, time.description,
        stored.id,
      ])
    try addEvent("failed", to: stored.id, at: time, detail: failure.sentence)
    return true
  }
}
