import Files
package import Inbox
package import Pipeline
package import TaskModel
import TaskStore

/// How the daemon does, for monitors: from inside the process that has the pipeline.
package struct Monitoring: Sendable {
  private let operations: Operations
  private let pipeline: Pipeline
  private let inbox: Inbox

  package init(_ operations: Operations, _ pipeline: Pipeline, _ inbox: Inbox) {
    self.operations = operations
    self.pipeline = pipeline
    self.inbox = inbox
  }

  /// What keeps a file that comes now from being taken and done; empty where nothing does.
  package func hindrances() -> [String] {
    var reasons: [String] = []
    if pipeline.isStopping { reasons.append("watchd is being stopped") }
    if let sentence = inbox.hindrance { reasons.append(sentence) }
    do {
      try pipeline.requireRoom()
    } catch {
      reasons.append("\(error)")
    }
    do {
      try pipeline.requireSpace()
    } catch {
      reasons.append("\(error)")
    }
    if let sentence = pipeline.hindrances.databaseTrouble { reasons.append(sentence) }
    do {
      _ = try operations.counts()
    } catch {
      reasons.append("\(error)")
    }
    return reasons
  }

  /// All that is measured, at one moment.
  package struct Snapshot: Sendable {
    package let tasks: [TaskStatus: Int]
    /// Of the task that waits for the longest time; nil where none waits.
    package let oldestQueued: Timestamp?
    package let done: TaskMeter
    /// In what the machine fails tasks, each with how many wait for their next attempt, and how many attempts failed since
    /// the start.
    package let hindrances: [(reason: String, waiting: Int, failures: Int)]
    package let inbox: InboxCounts
    /// Whether nothing keeps a file that comes now from being taken and done.
    package let isReady: Bool
    package let databaseBytes: Int64
    /// Of the database's log.
    package let walBytes: Int64
    package let now: Timestamp
  }

  /// How the inbox did since its start.
  package struct InboxCounts: Sendable {
    package let claimed: Int
    package let overflows: Int
    package let rescans: Int
    package let foundByScanOnly: Int
    package let lastEvent: Timestamp?
    /// Files that lie there, by why.
    package let waiting: [(reason: String, files: Int)]
    /// When the first of those was seen that are to be taken; nil where none waits.
    package let waitingSince: Timestamp?

    fileprivate init(_ counters: InboxCounters, _ waiting: InboxWaiting) {
      self.waiting = Sighting.Reason.Kind.allCases.map { ($0.rawValue, waiting.files[$0] ?? 0) }
      waitingSince = waiting.since
      claimed = counters.claimed
      overflows = counters.overflows
      rescans = counters.rescans
      foundByScanOnly = counters.foundByScanOnly
      lastEvent = counters.lastEvent
    }
  }

  package func snapshot() throws -> Snapshot {
    let hindrances = pipeline.hindrances
    let waiting = hindrances.waitingTasks
    let state = try Directory.open(operations.stateDirectory, create: false)
    func size(of name: String) throws -> Int64 {
      guard let name = FileName(name) else { preconditionFailure("a constant, and a name") }
      return try state.status(of: name)?.size ?? 0
    }
    return Snapshot(
      tasks: try operations.counts(), oldestQueued: try operations.store.oldestQueued(),
      done: pipeline.measured,
      hindrances: Hindrance.allCases.map {
        ($0.rawValue, waiting[$0] ?? 0, hindrances.failures[$0] ?? 0)
      }, inbox: InboxCounts(inbox.counters, inbox.waiting), isReady: self.hindrances().isEmpty,
      databaseBytes: try size(of: "watchd.db"), walBytes: try size(of: "watchd.db-wal"),
      now: .now())
  }
}
