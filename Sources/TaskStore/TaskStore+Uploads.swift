import GRDB
package import TaskModel

/// A task that came by an upload.
package struct UploadedTask: Hashable, Sendable {
  package let taskID: TaskID
  /// Nil where the manifest has the task no more.
  package let name: FileName?

  package init(taskID: TaskID, name: FileName?) {
    self.taskID = taskID
    self.name = name
  }
}

extension TaskStore {
  /// For how long a key is known.
  package static let uploadKeyLife = Duration.seconds(7 * 86_400)

  /// Adds the files of one upload as `queued`, all or none, and remembers its key with them.
  ///
  /// - Parameters:
  ///   - tasks: The files.
  ///   - key: The sender's name for this upload; nil where there is none.
  ///   - time: Now.
  /// - Returns: Nil where they were added; where the key is known, the tasks of the upload that had it first.
  /// - Throws: What SQLite meets; nothing was added then, but see `StoreError.mayBeFoundCommitted`.
  package func add(
    _ tasks: [NewTask], key: String?, at time: Timestamp
  ) throws(StoreError) -> [UploadedTask]? {
    try write("add an upload") { transaction in
      if let key {
        let earlier = try transaction.queries.uploads(of: key)
        guard earlier.isEmpty else { return earlier }
        try transaction.remember(key, for: tasks.map(\.taskID), at: time)
      }
      try transaction.add(tasks, at: time)
      return nil
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
  package var mayBeFoundCommitted: Bool {
    guard case .other(let code, _, _, _) = self else { return false }
    return code & 0xFF == ResultCode.SQLITE_IOERR.rawValue
  }
}

extension TaskReading {
  /// The tasks of the upload with that key; empty where it is not known.
  package func uploads(of key: String) throws(StoreError) -> [UploadedTask] {
    try read("look up an upload") { queries in try queries.uploads(of: key) }
  }
}

extension StoreTransaction {
  fileprivate var queries: TaskQueries { TaskQueries(database: database, path: path) }

  /// Forgets what is too old at the same time, so that there are never more than a week's.
  fileprivate func remember(_ key: String, for tasks: [TaskID], at time: Timestamp) throws {
    let life = TaskStore.uploadKeyLife.components.seconds * 1000
    let oldest = Timestamp(milliseconds: time.milliseconds - life)
    try run("DELETE FROM upload_keys WHERE at < ?", [oldest.description])
    for (index, task) in tasks.enumerated() {
      try run(
        "INSERT INTO upload_keys (key, number, task_id, at) VALUES (?, ?, ?, ?)",
        [key, index + 1, task.description, time.description])
    }
  }
}

extension TaskQueries {
  fileprivate func uploads(of key: String) throws -> [UploadedTask] {
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
