package import TaskModel

extension TaskStore {
  /// Adds files that were claimed, all in one transaction, as `queued`.
  ///
  /// One whose id is known stays as it is, so that a caller who does not know whether a call came
  /// through repeats it.
  package func add(_ tasks: [NewTask], at time: Timestamp) throws(StoreError) {
    try write("add tasks") { transaction in try transaction.add(tasks, at: time) }
  }

  /// Forgets how the files looked in the inbox, once they are known to have left it.
  package func clearSourceIdentity(_ tasks: [TaskID]) throws(StoreError) {
    try write("clear source identities") { transaction in
      try transaction.clearSourceIdentity(tasks)
    }
  }

  /// `queued` -> `running`, `ingesting`; counts the attempt.
  package func start(_ task: TaskID, at time: Timestamp) throws(StoreError) {
    try write("start a task") { transaction in try transaction.start(task, at: time) }
  }

  /// Puts a task back: `running` -> `queued`, or `failed` or `cancelled` -> `queued`, a retry.
  ///
  /// Nothing is left of the attempt but its count, the events and the reserved output number. The
  /// reason is one sentence, for the event.
  package func requeue(
    _ task: TaskID, reason: String, at time: Timestamp
  ) throws(StoreError) {
    try write("queue a task again") { transaction in
      try transaction.requeue(task, reason: reason, at: time)
    }
  }
}
