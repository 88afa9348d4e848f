package import TaskModel

/// Which tasks of the manifest a listing has; nil is no bound.
package struct TaskFilter: Hashable, Sendable {
  package var status: TaskStatus?
  /// Queued at that time or later.
  package var since: Timestamp?
  /// Older than this task: how a listing goes on behind its last one, whatever came meanwhile.
  package var before: TaskID?
  /// Whatever its name has before and after it; A to Z are a to z.
  package var nameContains: String?
  package var limit: Int?

  package init(
    status: TaskStatus? = nil, since: Timestamp? = nil, before: TaskID? = nil,
    nameContains: String? = nil, limit: Int? = nil
  ) {
    self.status = status
    self.since = since
    self.before = before
    self.nameContains = nameContains
    self.limit = limit
  }
}
