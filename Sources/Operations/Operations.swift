package import TaskModel
package import TaskStore

// What can be asked of the daemon's state: one list, for every door.
//
// `watchctl` and the HTTP API are adapters to this: they parse what a person typed, call
// one function here, and show what it returns. So every door gives the same answers, and no SQL and
// no rule of the manifest stands twice. Everything works with the daemon up or down, for it reads
// the database, from one snapshot a call, and where that does not know of a file, its folders.
//
// What is promised is the answer of one moment, not that it still holds when it is read.
//
// Errors are `OperationError` where the question cannot be answered and `StoreError` where the
// database cannot; each is one sentence that says what the person can do.

/// The operations; most need nothing but the database, some look into the inbox and the state directory too.
package struct Operations: Sendable {
  let store: any TaskReading

  package init(_ store: any TaskReading) {
    self.store = store
  }

  /// The tasks, the newest first.
  package func tasks(_ filter: Filter) throws(StoreError) -> [TaskRecord] {
    try store.tasks(filter.stored)
  }

  /// The tasks, the newest first, a thousand at a time, for those who may want all of a million.
  ///
  /// Each thousand is of a moment of its own: a reader that takes its time holds nothing up. What comes meanwhile is newer than
  /// the first one, and not among them.
  package func forEachPage(of filter: Filter, _ body: ([TaskRecord]) throws -> Void) throws {
    var filter = filter
    var left = filter.limit ?? .max
    while left > 0 {
      filter.limit = min(left, Self.page)
      let tasks = try tasks(filter)
      if !tasks.isEmpty { try body(tasks) }
      guard tasks.count == Self.page, let last = tasks.last else { return }
      left -= tasks.count
      filter.before = last.taskID
    }
  }

  private static let page = 1000

  /// How many tasks there are of each status.
  package func counts() throws(StoreError) -> [TaskStatus: Int] { try store.counts() }

  /// One task with all that is known of it; the text is its id, a unique prefix of its id, or a file
  /// name, of which it is the latest task.
  package func task(matching text: String) throws -> TaskDetail {
    let stored = try find(text)
    let record = stored.record
    return TaskDetail(
      record: record, prunedAt: stored.prunedAt, events: try store.events(of: record.taskID),
      rejects: try store.rejects(of: record.taskID))
  }

  /// Where the result of a task lies.
  ///
  /// - Throws: `OperationError.noResult`, with the reason, where there is none.
  package func result(of text: String) throws -> ResultPlace {
    let stored = try find(text)
    let record = stored.record
    if let time = stored.prunedAt { throw OperationError.pruned(record, at: time) }
    guard record.status == .done || record.status == .duplicate, let number = stored.outputNumber,
      let sha256 = stored.resultSHA256
    else { throw OperationError.noResult(record) }
    guard let outbox = try store.places()[.outbox] else { throw OperationError.outboxUnknown }
    return ResultPlace(
      task: record, directory: outbox,
      name: OutputNames(input: record.rawName, number: number).result, sha256: sha256)
  }

  func find(_ text: String) throws -> StoredTask {
    let stored: StoredTask?
    do throws(StoreError) {
      stored = try store.task(matching: text)
    } catch {
      guard case .ambiguous = error else { throw error }
      throw OperationError.ambiguous("\(error)")
    }
    guard let stored else { throw OperationError.unknownTask(text) }
    return stored
  }
}

/// A task with its history.
package struct TaskDetail: Sendable {
  package let record: TaskRecord
  /// When it gave up, for its age, all but its row in the manifest.
  package let prunedAt: Timestamp?
  /// The oldest first.
  package let events: [TaskEvent]
  /// The first ones of the file.
  package let rejects: [RejectedRecord]
}

/// The file that holds a task's result.
package struct ResultPlace: Sendable {
  package let task: TaskRecord
  /// The outbox, an absolute path.
  package let directory: String
  package let name: FileName
  /// Of its bytes when it was published, 64 hexadecimal digits: another file may have the name by now.
  package let sha256: String
}

/// Why a question has no answer.
package enum OperationError: Error, Sendable, CustomStringConvertible {
  case unknownTask(String)
  /// Several ids begin with the text; the sentence names them.
  case ambiguous(String)
  case noResult(TaskRecord)
  case pruned(TaskRecord, at: Timestamp)
  case noRejects(TaskRecord)
  case outboxUnknown
  case inboxUnknown
  case resultTaken(ResultPlace)
  case resultReplaced(ResultPlace)
  /// A command that cannot be done; nothing was changed.
  case refused(String)

  package var description: String {
    switch self {
    case .unknownTask(let text):
      "no task has the id or the file name \"\(text.escapedForTerminal)\";"
        + " watchctl status lists those that there are"
    case .noResult(let task):
      "\(task.name.escapedForTerminal) has no result: it is \(task.status.rawValue)"
        + (task.error.map { ". \($0.escapedForTerminal)" }
          ?? (task.status.isFinal ? "" : "; ask again when it is done"))
    case .pruned(let task, let time):
      "\(task.name.escapedForTerminal) is older than the retention: what it had was removed at \(time); drop"
        + " the file again for a result"
    case .noRejects(let task):
      "\(task.name.escapedForTerminal) has no file of rejected records: it is \(task.status.rawValue), with"
        + " \(task.rowsRejected) records rejected"
    case .refused(let sentence), .ambiguous(let sentence): sentence
    case .outboxUnknown:
      "the database does not say where the outbox is; start watchd once with this state directory"
    case .inboxUnknown:
      "the database does not say where the inbox is; start watchd once with this state directory"
    case .resultTaken(let place):
      "\(place.name.shown) is no longer in \(place.directory.escapedForTerminal):"
        + " somebody took it; watchctl status still tells of it"
    case .resultReplaced(let place):
      "\(place.name.shown) in \(place.directory.escapedForTerminal) is another file by now;"
        + " the result of this task was taken away"
    }
  }
}
