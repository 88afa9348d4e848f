// What a task is, for everyone who speaks of one: its identity, statuses, names, failures, settings, and
// what the sender is told of it.
//
// Promises: values only. Nothing here opens a file, asks the clock, starts a thread or imports
// anything, so each rule can be tested by itself and read in one place: which status may follow
// which (here), which names the inbox takes (`InputName`), what a result is called (`OutputNames`),
// which settings there are (`Setting`). The raw values are the strings of the schema, of JSON and of the
// command line, and so public.
//
// Not here: how any of it is stored or shown. The cost is that callers hand in times and random numbers.

/// Where a task stands.
///
/// The raw values are public: the schema, `watchctl`, receipts and JSON use them.
/// Whoever adds a case also changes the CHECK constraint in the schema (`TaskStore`), the exit
/// codes of `watchctl wait` and the table in ARCHITECTURE.md.
package enum TaskStatus: String, Sendable, CaseIterable, Codable {
  /// Claimed: the file lies in `state/work/<task-id>/` and waits for a worker.
  case queued
  /// A worker has it; `TaskPhase` says what it does.
  case running
  /// Its rows count, its result and receipt are in the outbox.
  case done
  /// The same bytes as an earlier done task: a result of its own, no rows.
  case duplicate
  /// The file is at fault; receipt and rejects say why. No row of it counts.
  case failed
  /// Taken back by a person.
  case cancelled

  /// True where nothing more happens to the task unless a person asks for it.
  package var isFinal: Bool {
    switch self {
    case .queued, .running: false
    case .done, .duplicate, .failed, .cancelled: true
    }
  }

  /// The statuses that may follow this one; every other change is a defect and is refused.
  ///
  /// `running` goes back to `queued` when the daemon stops, or was stopped, in the middle, and when
  /// the machine (not the file) is at fault. A final task goes back by `retry`, a done one
  /// is taken back by `forget`.
  package var successors: Set<TaskStatus> {
    switch self {
    case .queued: [.running, .cancelled]
    case .running: [.queued, .done, .duplicate, .failed, .cancelled]
    case .done, .duplicate: [.cancelled]
    case .failed, .cancelled: [.queued]
    }
  }
}

/// What the worker of a running task is doing; null in the manifest for every other status.
package enum TaskPhase: String, Sendable, CaseIterable, Codable {
  /// Reading the file; its rows go into the database, where no view shows them yet.
  case ingesting
  /// All rows are in; the rejects, the result and the receipt are being written to the outbox.
  case publishing
}
