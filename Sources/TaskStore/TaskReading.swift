package import GRDB
package import TaskModel

/// What can be asked of the database, of the daemon's own store and of a reader in another process.
///
/// Each answer comes from one snapshot: the state after some commit, whole, whatever is being written.
package protocol TaskReading: Sendable {
  /// The database file.
  var path: String { get }
  /// Where reads run: a pool's readers, or a read-only connection.
  var readable: any DatabaseReader { get }
}

extension TaskReading {
  func read<Result>(
    _ operation: String, _ body: (TaskQueries) throws -> Result
  ) throws(StoreError) -> Result {
    try StoreError.wrapping(operation, path: path) {
      try readable.read { database in try body(TaskQueries(database: database, path: path)) }
    }
  }

  /// One task, nil where there is none of that id.
  package func task(_ task: TaskID) throws(StoreError) -> StoredTask? {
    try read("read a task") { queries in try queries.task(task) }
  }

  /// The task that a person means, nil where nothing fits.
  ///
  /// The text is its id, a unique prefix of its id (at least four characters), or a file name, of
  /// which it is the latest task. Several ids that begin so are `ambiguous`.
  package func task(matching text: String) throws(StoreError) -> StoredTask? {
    try read("look for a task") { queries in try queries.task(matching: text) }
  }

  /// The tasks that are queued or running, the oldest first.
  package func unfinished() throws(StoreError) -> [StoredTask] {
    try read("list the unfinished tasks") { queries in try queries.unfinished() }
  }

  /// The ids of the tasks that are queued or running.
  package func unfinishedIDs() throws(StoreError) -> Set<TaskID> {
    try read("list the unfinished tasks") { queries in try queries.unfinishedIDs() }
  }

  /// The tasks of the manifest, the newest first: the public columns of each.
  package func tasks(_ filter: TaskFilter = TaskFilter()) throws(StoreError) -> [TaskRecord] {
    try read("list the tasks") { queries in try queries.tasks(filter) }
  }

  /// What each running task is at.
  package func motions() throws(StoreError) -> [TaskID: TaskMotion] {
    try read("look what the running tasks are at") { queries in try queries.motions() }
  }

  /// How many tasks there are of each status; one that none has is absent.
  package func counts() throws(StoreError) -> [TaskStatus: Int] {
    try read("count the tasks") { queries in try queries.counts() }
  }

  /// The latest task of a file name, to the byte; nil where there is none.
  package func latestTask(of name: FileName) throws(StoreError) -> StoredTask? {
    try read("look for a file's task") { queries in try queries.latestTask(of: name) }
  }

  /// The first task of a file name that was claimed after another one, nil where there is none yet.
  ///
  /// - Parameters:
  ///   - name: Of the file, to the byte.
  ///   - size: Only of so many bytes; nil for any.
  ///   - task: An id; nil for the first of all.
  /// - Returns: The task.
  /// - Throws: What SQLite meets.
  package func firstTask(
    of name: FileName, size: Int64?, after task: TaskID?
  ) throws(StoreError) -> StoredTask? {
    try read("look for a file's task") { queries in
      try queries.firstTask(of: name, size: size, after: task)
    }
  }

  /// How many tasks are queued that came before this one.
  package func queued(before task: TaskID) throws(StoreError) -> Int {
    try read("count the queued tasks") { queries in try queries.queued(before: task) }
  }

  /// The rejected records of a task in the order of the file, without the first `offset`.
  package func rejects(
    of task: TaskID, limit: Int? = nil, offset: Int = 0
  ) throws(StoreError) -> [RejectedRecord] {
    try read("list rejected records") { queries in
      try queries.rejects(of: task, limit: limit, offset: offset)
    }
  }

  /// What happened to a task, the oldest first.
  package func events(of task: TaskID) throws(StoreError) -> [TaskEvent] {
    try read("list events") { queries in try queries.events(of: task) }
  }
}

extension TaskStore: TaskReading {
  package var readable: any DatabaseReader { pool }
}
