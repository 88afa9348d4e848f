package import TaskModel

/// A file that was claimed and is to become a task.
package struct NewTask: Hashable, Sendable {
  package var taskID: TaskID
  package var rawName: FileName
  package var sizeBytes: Int64
  /// How to know the claimed file again in the inbox, in a form of the caller's own; nil once the
  /// inbox cannot hold it any more.
  package var sourceIdentity: String?
  /// Of the bytes that were sent, packed where they were; nil where it did not come by an upload.
  package var sentSHA256: String?

  package init(
    taskID: TaskID, rawName: FileName, sizeBytes: Int64, sourceIdentity: String? = nil,
    sentSHA256: String? = nil
  ) {
    self.taskID = taskID
    self.rawName = rawName
    self.sizeBytes = sizeBytes
    self.sourceIdentity = sourceIdentity
    self.sentSHA256 = sentSHA256
  }
}

/// How far a running task has read its file, from the beginning of the file (not of a batch).
package struct IngestProgress: Hashable, Sendable {
  package var bytesRead: Int64
  /// Records after the header, rejected ones included.
  package var rowsRead: Int64
  package var rowsRejected: Int64
  /// Rows of the result that are written; nil before the file is read to its end.
  package var groups: Int64?

  package init(bytesRead: Int64, rowsRead: Int64, rowsRejected: Int64, groups: Int64? = nil) {
    self.bytesRead = bytesRead
    self.rowsRead = rowsRead
    self.rowsRejected = rowsRejected
    self.groups = groups
  }
}

/// How the columns of a file were found.
package enum ColumnMapping: String, Sendable, CaseIterable, Codable {
  case name
  case position
}

/// What is known of a file once all of it was read.
package struct IngestSummary: Hashable, Sendable {
  package var progress: IngestProgress
  /// Of the bytes that were parsed, 64 lower-case hexadecimal digits.
  package var sha256: String
  /// Rows of the result.
  package var groups: Int64
  /// The exact sum over the accepted rows.
  package var playsSum: Int128
  package var columns: ColumnMapping
  /// The set of `OutputNames` that the task is going to publish under.
  package var outputNumber: UInt32
  package var resultName: FileName
  /// Of the result as it is going to be published.
  package var resultBytes: Int64
  package var resultSHA256: String
  /// Of the file of rejected records; nil where there is none.
  package var rejectsSHA256: String?

  package init(
    progress: IngestProgress, sha256: String, groups: Int64, playsSum: Int128,
    columns: ColumnMapping, outputNumber: UInt32, resultName: FileName, resultBytes: Int64,
    resultSHA256: String, rejectsSHA256: String?
  ) {
    self.progress = progress
    self.sha256 = sha256
    self.groups = groups
    self.playsSum = playsSum
    self.columns = columns
    self.outputNumber = outputNumber
    self.resultName = resultName
    self.resultBytes = resultBytes
    self.resultSHA256 = resultSHA256
    self.rejectsSHA256 = rejectsSHA256
  }
}

/// Where a task that is interrupted goes on: all rows before the place are in, and none behind it.
package struct ResumePoint: Hashable, Sendable {
  /// Of the first record that is not read, in the contents (unpacked, where the file is packed).
  package var offset: Int
  /// How many bytes of the contents were hashed, a little more than were parsed, and their hash.
  package var hashedBytes: Int
  package var hashedSHA256: String
  /// Physical line on which the next record begins.
  package var line: Int
  package var rowsRead: Int64
  package var rowsRejected: Int64
  /// The exact sum over the accepted rows.
  package var playsSum: Int128
  /// What the rows depend on besides the bytes; only a reader with the same may go on.
  package var settings: String

  package init(
    offset: Int, hashedBytes: Int, hashedSHA256: String, line: Int, rowsRead: Int64,
    rowsRejected: Int64, playsSum: Int128, settings: String
  ) {
    self.offset = offset
    self.hashedBytes = hashedBytes
    self.hashedSHA256 = hashedSHA256
    self.line = line
    self.rowsRead = rowsRead
    self.rowsRejected = rowsRejected
    self.playsSum = playsSum
    self.settings = settings
  }
}

/// What `finishIngest` is told of the rows since the last `appendBatch`.
package enum LastRows: Hashable, Sendable {
  /// They are with the call, as (part of) that run.
  case batch(run: Int)
  /// There are none: all were appended.
  case none
  /// They were not loaded, for the content seemed to be counted already.
  case leftOut
}

/// What `finishIngest` found.
package enum IngestOutcome: Hashable, Sendable {
  /// The rows are in and will count with `finish(as: .done)`.
  case loaded
  /// The same bytes as that done task: no row of this one will ever count, and
  /// `finish(as: .duplicate)`, which follows, takes them out.
  case duplicate(of: TaskID)
  /// The same bytes as that task, which is publishing and may still fail. Nothing was changed: call
  /// again, with the same arguments, when that task has ended. To answer "duplicate" at once would
  /// count the content not at all if the other task then failed.
  case undecided(until: TaskID)
  /// The rows were left out, but the content does not count yet. Nothing was changed: load them and call
  /// again.
  case needsRows
}

/// How a running task ends well.
package enum Completion: String, Sendable, CaseIterable {
  case done
  case duplicate

  package var status: TaskStatus {
    switch self {
    case .done: .done
    case .duplicate: .duplicate
    }
  }
}
