/// One row of the manifest: all that is known of a task.
///
/// The field names of its JSON are the
/// manifest's column names, which are public.
package struct TaskRecord: Hashable, Sendable {
  package var taskID: TaskID
  /// The name under which the file was dropped, as text; `rawName` has its bytes.
  package var name: String
  package var rawName: FileName
  package var status: TaskStatus
  package var phase: TaskPhase?
  package var sizeBytes: Int64
  /// How far a running task has read.
  package var bytesRead: Int64
  /// Of the bytes that were parsed, 64 lower-case hexadecimal digits; nil until all were read.
  package var sha256: String?
  package var rowsRead: Int64
  package var rowsRejected: Int64
  /// Rows of the result.
  package var groups: Int64?
  /// The exact sum of plays over all accepted rows; it may exceed Int64 where no group does.
  package var playsSum: Int128?
  package var resultName: String?
  package var errorCode: FailureCode?
  package var error: String?
  package var attempts: Int64
  package var duplicateOf: TaskID?
  package var queuedAt: Timestamp
  package var startedAt: Timestamp?
  package var finishedAt: Timestamp?

  /// Whether all of the file is read, while its rows are loaded and its result is written.
  package var isReadWhole: Bool { status == .running && bytesRead >= sizeBytes }

  package init(
    taskID: TaskID, rawName: FileName, status: TaskStatus, sizeBytes: Int64, queuedAt: Timestamp
  ) {
    self.taskID = taskID
    self.name = rawName.text
    self.rawName = rawName
    self.status = status
    self.sizeBytes = sizeBytes
    self.queuedAt = queuedAt
    bytesRead = 0
    rowsRead = 0
    rowsRejected = 0
    attempts = 0
  }
}
