import GRDB
import TaskModel

// When a file that is sent is one that came before: the same bytes under the same name. Under another name they are a task
// of their own, a duplicate, for its sender waits for a result of that name.

extension NewTask {
  /// What stands for the file among the keys of uploads.
  ///
  /// A sender's key has no blank, so that none can be taken for it.
  var contentsKey: String? { sentSHA256.map { "sha256 \($0) \(rawName.text)" } }
}

extension StoreTransaction {
  /// The task that has the file already; nil where none has, or it failed, was cancelled or forgotten, gave up its result
  /// for its age, or is a duplicate of one that does not count any more: the file is then to be done anew.
  ///
  /// Known are what was sent within a week, by exactly what was sent, and beyond that, however they came, the latest task
  /// of the name and the one that counts, by the SHA-256 of what they read.
  func task(ofSent file: NewTask) throws -> StoredTask? {
    guard let sha256 = file.sentSHA256, let key = file.contentsKey else { return nil }
    for sent in try queries.uploads(of: key) {
      // The key has the name as text, which two names may share.
      if let task = try queries.task(sent.taskID), task.record.rawName == file.rawName,
        try stands(task)
      {
        return task
      }
    }
    let candidates = try [queries.latestTask(of: file.rawName), queries.holder(of: sha256)]
    return try candidates.compactMap(\.self).first { task in
      guard task.record.sha256 == sha256, task.record.rawName == file.rawName else { return false }
      return try stands(task)
    }
  }

  private func stands(_ task: StoredTask) throws -> Bool {
    guard task.prunedAt == nil else { return false }
    switch task.record.status {
    case .queued, .running, .done: return true
    case .duplicate:
      guard let original = task.record.duplicateOf else { return false }
      return try queries.task(original)?.record.status == .done
    case .failed, .cancelled: return false
    }
  }

  func noteSentAgain(_ task: StoredTask, at time: Timestamp) throws {
    try addEvent(TaskEvent.sentAgain, to: task.id, at: time)
    try boundEvents(of: task.id)
  }
}

extension TaskQueries {
  /// The task whose rows count for contents, or are about to.
  func holder(of sha256: String) throws -> StoredTask? {
    try tasks(
      """
      SELECT manifest.* FROM fingerprints JOIN manifest ON manifest.id = fingerprints.task
      WHERE fingerprints.sha256 = ?
      """, [sha256]
    ).first
  }
}
