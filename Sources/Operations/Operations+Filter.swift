package import TaskModel
import TaskStore

extension Operations {
  /// Which tasks a listing shows; nil is no bound.
  package struct Filter: Sendable {
    package var status: TaskStatus?
    /// Queued at that time or later.
    package var since: Timestamp?
    /// Older than this task: how a listing goes on behind its last one, whatever came meanwhile.
    package var before: TaskID?
    /// Whatever its name has before and after it; A to Z are a to z.
    package var nameContains: String?
    package var limit: Int?

    package init(status: TaskStatus? = nil, since: Timestamp? = nil, limit: Int? = nil) {
      self.status = status
      self.since = since
      self.limit = limit
    }

    var stored: TaskFilter {
      TaskFilter(
        status: status, since: since, before: before, nameContains: nameContains, limit: limit)
    }
  }
}
