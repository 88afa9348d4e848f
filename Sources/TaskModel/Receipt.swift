/// What the sender is told about a file: `NAME.csv.receipt.json`, written last.
///
/// The keys are public. A key that does not apply is null, so that a reader finds every key always.
package struct Receipt: Hashable, Sendable, Encodable {
  package var taskID: TaskID
  package var name: String
  package var status: TaskStatus
  package var bytes: Int64
  package var sha256: String?
  /// How the columns were found: `name` or `position`.
  package var columns: String?
  package var rowsRead: Int64
  package var rowsRejected: Int64
  package var groups: Int64?
  package var playsIn: Int128?
  package var playsOut: Int128?
  package var resultName: String?
  package var resultBytes: Int64?
  package var resultSHA256: String?
  package var rejectsName: String?
  package var duplicateOf: TaskID?
  package var errorCode: FailureCode?
  package var error: String?
  package var queuedAt: Timestamp
  package var startedAt: Timestamp?
  package var finishedAt: Timestamp?

  /// A receipt of a task, with what is known when it is claimed.
  package init(of task: TaskRecord, status: TaskStatus) {
    taskID = task.taskID
    name = task.name
    self.status = status
    bytes = task.sizeBytes
    rowsRead = 0
    rowsRejected = 0
    queuedAt = task.queuedAt
    startedAt = task.startedAt
  }

  private enum CodingKeys: String, CodingKey {
    case taskID = "task_id"
    case name
    case status
    case bytes
    case sha256
    case columns
    case rowsRead = "rows_read"
    case rowsAccepted = "rows_accepted"
    case rowsRejected = "rows_rejected"
    case groups
    case playsIn = "plays_in"
    case playsOut = "plays_out"
    case resultName = "result_name"
    case resultBytes = "result_bytes"
    case resultSHA256 = "result_sha256"
    case rejectsName = "rejects_name"
    case duplicateOf = "duplicate_of"
    case errorCode = "error_code"
    case error
    case queuedAt = "queued_at"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(taskID.description, forKey: .taskID)
    try container.encode(name, forKey: .name)
    try container.encode(status, forKey: .status)
    try container.encode(bytes, forKey: .bytes)
    try container.encode(sha256, forKey: .sha256)
    try container.encode(columns, forKey: .columns)
    try container.encode(rowsRead, forKey: .rowsRead)
    try container.encode(rowsRead - rowsRejected, forKey: .rowsAccepted)
    try container.encode(rowsRejected, forKey: .rowsRejected)
    try container.encode(groups, forKey: .groups)
    try container.encode(playsIn, forKey: .playsIn)
    try container.encode(playsOut, forKey: .playsOut)
    try container.encode(resultName, forKey: .resultName)
    try container.encode(resultBytes, forKey: .resultBytes)
    try container.encode(resultSHA256, forKey: .resultSHA256)
    try container.encode(rejectsName, forKey: .rejectsName)
    try container.encode(duplicateOf?.description, forKey: .duplicateOf)
    try container.encode(errorCode, forKey: .errorCode)
    try container.encode(error, forKey: .error)
    try container.encode(queuedAt.description, forKey: .queuedAt)
    try container.encode(startedAt?.description, forKey: .startedAt)
    try container.encode(finishedAt?.description, forKey: .finishedAt)
  }
}
