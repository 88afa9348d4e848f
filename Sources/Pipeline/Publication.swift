import Files
import TaskModel
import TaskStore

/// What is left to do for a task that was interrupted while it published.
///
/// Before the manifest says `publishing`, all that the task is going to publish lies in the outbox under hidden names,
/// durably, with an empty file that stands for this outbox (`Publisher.prepare`). A rename takes a hidden name away. So
/// while that empty file is there, what has no hidden name any more was published, wherever it is by now: a consumer may
/// have taken it the moment it appeared. It is not published again, and the task ends as the manifest says.
///
/// Where the empty file is missing this is another outbox, or somebody has swept it: nothing can be told from it, and the
/// task begins anew. Cost: a file made and removed and a sync of the directory a task.
struct Publication {
  private let stored: StoredTask
  private let result: SealedFile?
  private let rejects: SealedFile?
  private let out: Set<OutboxFile.Role>

  /// Nil where the task does not publish, or the outbox does not say how far it came.
  init?(of stored: StoredTask, in outbox: Directory) throws(FileError) {
    let task = stored.record
    let isFailing = task.errorCode != nil
    // Rows that are being taken out are those of a task that fails, or of one that begins anew.
    guard task.phase == .publishing, isFailing || !stored.isBeingUndone,
      try outbox.status(of: OutboxFile.hiddenName(.publishing, of: task.taskID)) != nil
    else { return nil }
    self.stored = stored
    rejects = stored.rejectsSHA256.map { SealedFile(.rejects, of: task.taskID, sha256: $0) }
    if isFailing {
      result = nil
    } else {
      guard let sha256 = stored.resultSHA256, let bytes = stored.resultBytes else { return nil }
      result = SealedFile(.result, of: task.taskID, sha256: sha256, bytes: bytes)
    }
    var out: Set<OutboxFile.Role> = []
    for role in [rejects?.role, result?.role, .receipt].compactMap(\.self)
    where try outbox.status(of: OutboxFile.hiddenName(role, of: task.taskID)) == nil {
      out.insert(role)
    }
    self.out = out
  }

  /// Publishes what is not published, and commits how the task ended.
  func complete(_ context: PipelineContext) throws -> TaskEnd {
    let task = stored.record
    var publisher = try Publisher(
      stored, rejects: rejects, result: result, context: context, resuming: out)
    let finished = Timestamp.now()
    var receipt = Receipt(of: stored)
    receipt.finishedAt = finished
    receipt = try publisher.publish(receipt)
    guard let result else {
      let failure = FileFailure(task.errorCode ?? .internal, task.error ?? "")
      try context.store.fail(
        task.taskID, failure, progress: IngestProgress(of: task), sha256: task.sha256,
        columns: stored.columns, rejects: [], at: finished)
      return TaskEnd(receipt: receipt, bytesRead: task.bytesRead)
    }
    let completion: Completion = task.duplicateOf == nil ? .done : .duplicate
    try context.store.finish(
      task.taskID, as: completion, resultName: publisher.resultName, resultBytes: result.bytes,
      resultSHA256: result.sha256, at: finished)
    return TaskEnd(receipt: receipt, bytesRead: task.bytesRead)
  }
}

extension SealedFile {
  /// One that the manifest knows; what no receipt says of it is left out.
  fileprivate init(
    _ role: OutboxFile.Role, of task: TaskID, sha256: String, bytes: Int64 = 0
  ) {
    self.init(
      role: role, hiddenName: OutboxFile.hiddenName(role, of: task), bytes: bytes, sha256: sha256)
  }
}

extension IngestProgress {
  fileprivate init(of task: TaskRecord) {
    self.init(bytesRead: task.bytesRead, rowsRead: task.rowsRead, rowsRejected: task.rowsRejected)
  }
}

extension Receipt {
  /// What the manifest knows of a task that publishes; names, size and hash of the result are the publisher's to add.
  fileprivate init(of stored: StoredTask) {
    let task = stored.record
    let isFailing = task.errorCode != nil
    self.init(
      of: task, status: isFailing ? .failed : task.duplicateOf == nil ? .done : .duplicate)
    bytes = task.bytesRead
    sha256 = task.sha256
    columns = stored.columns?.rawValue
    rowsRead = task.rowsRead
    rowsRejected = task.rowsRejected
    groups = task.groups
    // Equal, or nothing would have been committed.
    (playsIn, playsOut) = (task.playsSum, task.playsSum)
    duplicateOf = task.duplicateOf
    errorCode = task.errorCode
    error = task.error
  }
}
