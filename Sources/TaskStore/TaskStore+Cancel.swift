package import TaskModel

extension TaskStore {
  /// Takes a task back that waits or runs: `queued` or `running` -> `cancelled`.
  ///
  /// It takes effect with one commit, however many rows there are; `removeLeftovers(of:)`, which is for the caller to
  /// call, or the next start takes them out.
  ///
  /// - Throws: `illegalTransition` for a task of any other status.
  package func cancel(_ task: TaskID, at time: Timestamp) throws(StoreError) {
    try write("cancel a task") { transaction in
      try transaction.cancel(task, from: [.queued, .running], event: "cancelled", at: time)
    }
  }

  /// Takes the rows of a task out of the totals: `done` or `duplicate` -> `cancelled`, in the same way.
  ///
  /// - Throws: `illegalTransition` for a task of any other status.
  package func forget(_ task: TaskID, at time: Timestamp) throws(StoreError) {
    try write("forget a task") { transaction in
      try transaction.cancel(task, from: [.done, .duplicate], event: "forgotten", at: time)
    }
  }
}
