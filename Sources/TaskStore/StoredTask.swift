import Foundation
import GRDB
package import TaskModel

/// A row of the manifest with what only the daemon needs of it.
package struct StoredTask: Hashable, Sendable {
  /// The public columns.
  package var record: TaskRecord
  package var columns: ColumnMapping?
  /// The set of `OutputNames` reserved for the task, kept through retries so that each attempt
  /// publishes under the same names.
  package var outputNumber: UInt32?
  /// Of the result that is published, or that an attempt was about to publish; kept through retries,
  /// so that a later attempt knows a file in the outbox for its own.
  package var resultBytes: Int64?
  package var resultSHA256: String?
  /// The same of the file of rejected records.
  package var rejectsSHA256: String?
  package var sourceIdentity: String?
  /// When it gave up, for its age, all but its row in the manifest; nil where it did not.
  package var prunedAt: Timestamp?
  /// Some rows of the attempt are gone already: it can only be undone further.
  package private(set) var isBeingUndone: Bool
  /// `manifest.id`, by which the other tables refer to the task.
  var id: Int64
}

extension StoredTask {
  /// The only place where a row of the manifest becomes a value.
  init(row: Row, path: String) throws {
    let manifest = ManifestRow(row: row, path: path)
    record = try manifest.record()
    columns = try manifest.optional("columns", ColumnMapping.init(rawValue:))
    outputNumber = row["output_number"]
    resultBytes = row["result_bytes"]
    resultSHA256 = row["result_sha256"]
    rejectsSHA256 = row["rejects_sha256"]
    sourceIdentity = row["source_identity"]
    prunedAt = try manifest.optional("pruned_at", Timestamp.init)
    isBeingUndone = row["undoing"]
    id = row["id"]
  }

  /// How the exact sum is stored: INTEGER where that holds it, so that SQL can reckon with it.
  static func databaseValue(ofSum sum: Int128) -> DatabaseValue {
    Int64(exactly: sum)?.databaseValue ?? String(sum).databaseValue
  }
}

/// A row of the manifest on its way to a value.
///
/// STRICT, NOT NULL and CHECK in the schema guarantee the types; the texts within them (ids, times)
/// are looked at here, for someone may have edited the database by hand.
private struct ManifestRow {
  let row: Row
  let path: String

  func record() throws -> TaskRecord {
    var record = TaskRecord(
      taskID: try required("task_id") { TaskID($0) }, rawName: try rawName(),
      status: try required("status", TaskStatus.init(rawValue:)), sizeBytes: row["size_bytes"],
      queuedAt: try required("queued_at", Timestamp.init))
    record.name = row["name"]
    record.phase = try optional("phase", TaskPhase.init(rawValue:))
    record.bytesRead = row["bytes_read"]
    record.sha256 = row["sha256"]
    record.rowsRead = row["rows_read"]
    record.rowsRejected = row["rows_rejected"]
    record.groups = row["groups"]
    record.playsSum = try playsSum()
    record.resultName = row["result_name"]
    record.errorCode = try optional("error_code", FailureCode.init(rawValue:))
    record.error = row["error"]
    record.attempts = row["attempts"]
    record.duplicateOf = try optional("duplicate_of") { TaskID($0) }
    record.startedAt = try optional("started_at", Timestamp.init)
    record.finishedAt = try optional("finished_at", Timestamp.init)
    return record
  }

  func required<Value>(_ column: String, _ read: (String) -> Value?) throws -> Value {
    let text: String = row[column]
    guard let value = read(text) else { throw damage(column, holds: "\"\(text)\"") }
    return value
  }

  func optional<Value>(_ column: String, _ read: (String) -> Value?) throws -> Value? {
    guard (row[column] as String?) != nil else { return nil }
    return try required(column, read)
  }

  private func rawName() throws -> FileName {
    guard let name = FileName(bytes: row["raw_name"] as Data) else {
      throw damage("raw_name", holds: "no file name")
    }
    return name
  }

  private func playsSum() throws -> Int128? {
    switch (row["plays_sum"] as DatabaseValue).storage {
    case .null: return nil
    case .int64(let sum): return Int128(sum)
    case .string(let digits):
      if let sum = Int128(digits) { return sum }
    case .double, .blob: break
    }
    throw damage("plays_sum", holds: "no whole number")
  }

  private func damage(_ column: String, holds content: String) -> StoreError {
    .corrupt(path: path, detail: "manifest.\(column) holds \(content)")
  }
}
