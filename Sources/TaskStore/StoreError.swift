package import TaskModel

/// Why the store could not do what it was asked; every function of the module throws only this.
///
/// None of these is the fault of a dropped file (that is `FileFailure`): the task stays as it was,
/// for a transaction that failed was rolled back whole.
package enum StoreError: Error, Hashable, Sendable {
  /// The disk, or the quota, has no room for the change.
  case full(path: String)
  /// Another connection held a lock for longer than the busy timeout.
  case busy(path: String)
  /// SQLite, or a value that no code of ours can have written, says that the content is damaged.
  case corrupt(path: String, detail: String)
  /// The file is something else, or another program's database. It was not changed.
  case notADatabase(path: String)
  /// The file was moved away, removed or replaced while it was in use; nothing is written to it.
  case moved(path: String)
  /// The same of the write-ahead log.
  case logMoved(path: String)
  /// A later version wrote it. It was not changed.
  case newerSchema(path: String, found: Int, known: Int)
  /// There is no database, or none in which the daemon has run.
  case missing(path: String)
  /// A setting that a promise rests on did not take effect.
  case unsafeSetting(path: String, name: String, value: String)
  /// The manifest has no such task.
  case unknownTask(TaskID)
  /// More than one task begins with the prefix; at most five of them.
  case ambiguous(prefix: String, candidates: [TaskID])
  /// `TaskStatus.successors`, or the phase, does not allow it: a defect of the caller.
  case illegalTransition(TaskID, from: TaskStatus, phase: TaskPhase?, attempted: String)
  /// A question of a person's own that SQLite does not answer, in its words.
  case unanswerable(String)
  /// All else: SQLite's extended result code and message, and what was being done.
  case other(code: Int32, message: String, operation: String, path: String)
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .full(let path):
      "the disk has no room for a change to \(path): free some space, nothing was lost"
    case .busy(let path):
      "\(path) is locked by another program: close whatever writes to it, then try again"
    case .corrupt(let path, let detail):
      "\(path) is damaged (\(detail)): stop watchd, keep a copy of the folder, restore a backup"
    case .notADatabase(let path):
      "\(path) is not a database of watchd and was left untouched:"
        + " move it away or name another state directory"
    case .moved(let path):
      "\(path) was moved, removed or replaced while watchd used it: put it back, and all goes on, or stop watchd first"
    case .logMoved(let path):
      "\(path) was moved, removed or replaced while watchd used it: stop watchd with SIGTERM, which brings home what was"
        + " committed, and start it again"
    case .newerSchema(let path, let found, let known):
      "\(path) was written by a newer watchd (schema \(found), this one knows \(known))"
        + " and was left untouched: use the newer version"
    case .missing(let path):
      "there is no database at \(path.escapedForTerminal): name the state directory of a watchd with --state, or start"
        + " watchd with this one"
    case .unsafeSetting(let path, let name, let value):
      "\(path) could not be opened safely: PRAGMA \(name) stays at \(value);"
        + " check which libsqlite3 is installed"
    case .unknownTask(let task):
      "there is no task \(task): watchctl status lists those that there are"
    case .ambiguous(let prefix, let candidates):
      "\(prefix.escapedForTerminal) begins several task ids"
        + " (\(candidates.map(\.description).joined(separator: ", "))): give more of it"
    case .illegalTransition(let task, let status, let phase, let attempted):
      "task \(task) is \(phase?.rawValue ?? status.rawValue) and cannot be \(attempted):"
        + " please report this, it is a defect of watchd"
    case .unanswerable(let message):
      "SQLite has no answer: \(message.escapedForTerminal); ask one SELECT of manifest, plays, rejects"
        + " or events"
    case .other(let code, let message, let operation, let path):
      "could not \(operation) in \(path): \(message.escapedForTerminal) (SQLite code \(code));"
        + " check the disk and the permissions of its folder"
    }
  }
}
