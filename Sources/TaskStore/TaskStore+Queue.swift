package import TaskModel

extension TaskStore {
  /// Adds files that were claimed, all in one transaction, as `queued`.
  ///
  /// One whose id is known stays as it is, so that a caller who does not know whether a call came
  /// through repeats it.
  package func add(_ tasks: [NewTask], at time: Timestamp) throws(StoreError) {
    try write("add tasks") { transaction in try transaction.add(tasks, at: time) }
  }

  /// `queued` -> `running`, `ingesting`; counts the attempt.
  package func start(_ task: TaskID, at time: Timestamp) throws(StoreError) {
    try write("start a task") { transaction in try transaction.start(task, at: time) }
  }
}
