import GRDB
package import TaskModel

/// The task of a file of an upload.
package struct UploadedTask: Hashable, Sendable {
  package let taskID: TaskID
  /// Nil where the manifest has the task no more.
  package let name: FileName?
  /// The same file came before, and this is what became of it then.
  package var isKnown = false
}

extension TaskStore {
  /// For how long a key is known.
  package static let uploadKeyLife = Duration.seconds(7 * 86_400)

  /// Adds the files of one upload as `queued`, all or none, and remembers its key with them.
  ///
  /// - Parameters:
  ///   - tasks: The files.
  ///   - key: The sender's name for this upload; nil where there is none.
  ///   - policy: With `reuse`, a file that came before (`StoreTransaction.task(ofSent:)`) is not added, but an event of its task.
  ///   - time: Now.
  /// - Returns: The tasks of the files, those that were there before among them; where the key is known, the tasks of the
  ///   upload that had it first. Of the files, those were added whose own ids are here.
  /// - Throws: What SQLite meets; nothing was added then, but see `StoreError.mayBeFoundCommitted`.
  package func add(
    _ tasks: [NewTask], key: String?, onDuplicate policy: Settings.OnDuplicate, at time: Timestamp
  ) throws(StoreError) -> [UploadedTask] {
    try write("add an upload") { transaction in
      if let key {
        let earlier = try transaction.queries.uploads(of: key)
        guard earlier.isEmpty else { return earlier }
      }
      try transaction.forgetKeys(at: time)
      // One after the other, for the same file may come twice in one upload.
      let uploaded = try tasks.map { task in
        if policy == .reuse, let known = try transaction.task(ofSent: task) {
          try transaction.noteSentAgain(known, at: time)
          return UploadedTask(
            taskID: known.record.taskID, name: known.record.rawName, isKnown: true)
        }
        try transaction.add([task], at: time)
        if let contents = task.contentsKey {
          try transaction.remember(contents, for: [task.taskID], at: time)
        }
        return UploadedTask(taskID: task.taskID, name: task.rawName)
      }
      if let key { try transaction.remember(key, for: uploaded.map(\.taskID), at: time) }
      return uploaded
    }
  }

  /// Has no later start find a commit that failed before this call (`StoreError.mayBeFoundCommitted`); durable when it
  /// returns.
  ///
  /// The next commit is written where the failed one lies in the log. So this one has to write something: a row that comes
  /// and goes changes its page, which is all that a commit goes by.
  package func overwriteFailedCommit() throws(StoreError) {
    try write("write over a commit that failed") { transaction in
      try transaction.run(
        "INSERT INTO upload_keys (key, number, task_id, at) VALUES ('', 0, '', '')", [])
      try transaction.run("DELETE FROM upload_keys WHERE key = ''", [])
    }
  }
}

extension StoreError {
  /// Whether a start after a kill may find committed what failed with this, and was rolled back for this process.
  ///
  /// A sync that fails comes after the frames of the commit were written to the log; whoever recovers the log goes by what
  /// it reads there (https://www.sqlite.org/fileformat2.html#walformat), unless a later commit lies in that place.
  /// Without room, or without the lock, the last frame, which makes a commit, was not written.
  package var mayBeFoundCommitted: Bool { isDiskFailure }
}

extension TaskReading {
  /// The tasks of the upload with that key; empty where it is not known.
  package func uploads(of key: String) throws(StoreError) -> [UploadedTask] {
    try read("look up an upload") { queries in try queries.uploads(of: key) }
  }
}

extension StoreTransaction {
  var queries: TaskQueries { TaskQueries(database: database, path: path) }

  /// With every upload, so that there are never more than a week's.
  fileprivate func forgetKeys(at time: Timestamp) throws {
    let life = TaskStore.uploadKeyLife.components.seconds * 1000
    let oldest = Timestamp(milliseconds: time.milliseconds - life)
    try run("DELETE FROM upload_keys WHERE at < ?", [oldest.description])
  }

  /// In place of what the key stood for: contents may have stood for a task that failed.
  fileprivate func remember(_ key: String, for tasks: [TaskID], at time: Timestamp) throws {
    for (index, task) in tasks.enumerated() {
      try run(
        "INSERT OR REPLACE INTO upload_keys (key, number, task_id, at) VALUES (?, ?, ?, ?)",
        [key, index + 1, task.description, time.description])
    }
  }
}

extension TaskQueries {
  func uploads(of key: String) throws -> [UploadedTask] {
    let rows = try Row.fetchAll(
      database.cachedStatement(
        sql: "SELECT task_id FROM upload_keys WHERE key = ? ORDER BY number"),
      arguments: [key])
    return try rows.map { row in
      guard let id = TaskID(row["task_id"] as String) else {
        throw StoreError.corrupt(path: path, detail: "upload_keys.task_id holds no id")
      }
      return UploadedTask(taskID: id, name: try task(id)?.record.rawName)
    }
  }
}
