extension TaskRecord: Encodable {
  /// The manifest's column names, which are public; every key is always there.
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case taskID = "task_id"
    case name
    case status
    case phase
    case sizeBytes = "size_bytes"
    case bytesRead = "bytes_read"
    case sha256
    case rowsRead = "rows_read"
    case rowsRejected = "rows_rejected"
    case groups
    case playsSum = "plays_sum"
    case resultName = "result_name"
    case errorCode = "error_code"
    case error
    case attempts
    case duplicateOf = "duplicate_of"
    case queuedAt = "queued_at"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(taskID.description, forKey: .taskID)
    try container.encode(name, forKey: .name)
    try container.encode(status, forKey: .status)
    try container.encode(phase, forKey: .phase)
    try container.encode(sizeBytes, forKey: .sizeBytes)
    try container.encode(bytesRead, forKey: .bytesRead)
    try container.encode(sha256, forKey: .sha256)
    try container.encode(rowsRead, forKey: .rowsRead)
    try container.encode(rowsRejected, forKey: .rowsRejected)
    try container.encode(groups, forKey: .groups)
    try container.encode(playsSum, forKey: .playsSum)
    try container.encode(resultName, forKey: .resultName)
    try container.encode(errorCode, forKey: .errorCode)
    try container.encode(error, forKey: .error)
    try container.encode(attempts, forKey: .attempts)
    try container.encode(duplicateOf?.description, forKey: .duplicateOf)
    try container.encode(queuedAt.description, forKey: .queuedAt)
    try container.encode(startedAt?.description, forKey: .startedAt)
    try container.encode(finishedAt?.description, forKey: .finishedAt)
  }
}
