import Foundation
package import TaskModel
package import TaskStore

/// Waits, from another process than the daemon's, until tasks are over.
///
/// There is no event of SQLite's across processes, so it asks `PRAGMA data_version` twenty times a second: a look at
/// shared memory that tells whether anybody committed since. The manifest is read only then. It works with the daemon down, which
/// may be started meanwhile.
package struct Waiting {
  /// What is waited for: a task, or a file that lies in the inbox and is to become one.
  private enum Goal {
    case task(TaskID)
    /// Its task is the first one of that name with a later id than this.
    case file(FileName, size: Int64?, after: TaskID?)
  }

  private let reader: TaskReader
  private let operations: Operations
  /// What is not over yet.
  private var goals: [(text: String, goal: Goal)] = []
  private var seenVersion: Int?

  private static let pause = 0.05

  package init(_ reader: TaskReader) {
    self.reader = reader
    operations = Operations(reader)
  }

  /// Adds a task by id, prefix or file name.
  ///
  /// A file of that name that lies in the inbox and that the inbox would take is waited for, rather than an older task of
  /// the name: it was dropped later.
  ///
  /// - Throws: `OperationError.unknownTask` where there is neither.
  package mutating func add(_ text: String) throws {
    // In this order: what is claimed meanwhile is later than the latest, and what is recorded meanwhile
    // is found.
    if let name = FileName(text), !InputName(name).isIgnored {
      let latest = try reader.latestTask(of: name)?.record.taskID
      if try operations.liesInInbox(name) || operations.isClaimed(name) {
        goals.append((text, .file(name, size: nil, after: latest)))
        return
      }
    }
    goals.append((text, .task(try operations.find(text).record.taskID)))
  }

  /// Adds a file that was just put into the inbox.
  package mutating func add(_ submitted: Submitted) {
    goals.append(
      (
        submitted.name.text,
        .file(submitted.name, size: submitted.size, after: .smallest(at: submitted.before))
      ))
  }

  /// Waits until all are over, or until a time.
  ///
  /// - Parameters:
  ///   - deadline: Nil waits for ever.
  ///   - body: Called with each task that is over, in the order in which they end.
  /// - Returns: What was given, of the tasks that are not over in time.
  /// - Throws: What the database or the body throw.
  package mutating func wait(
    until deadline: ContinuousClock.Instant?, _ body: (TaskRecord) throws -> Void
  ) throws -> [String] {
    while true {
      if try hasNews() { try look(body) }
      if goals.isEmpty { return [] }
      if let deadline, ContinuousClock.now >= deadline { return goals.map(\.text) }
      Thread.sleep(forTimeInterval: Self.pause)
    }
  }

  private mutating func hasNews() throws(StoreError) -> Bool {
    let version = try reader.dataVersion()
    defer { seenVersion = version }
    return version != seenVersion
  }

  private mutating func look(_ body: (TaskRecord) throws -> Void) throws {
    var left: [(text: String, goal: Goal)] = []
    for (text, goal) in goals {
      let stored: StoredTask?
      switch goal {
      case .task(let id):
        stored = try reader.task(id)
        // Somebody removed it from the manifest.
        if stored == nil { throw OperationError.unknownTask(text) }
      case .file(let name, let size, let after):
        stored = try reader.firstTask(of: name, size: size, after: after)
      }
      if let record = stored?.record, record.status.isFinal {
        try body(record)
      } else {
        left.append((text, stored.map { .task($0.record.taskID) } ?? goal))
      }
    }
    goals = left
  }
}

extension TaskRecord {
  /// The exit code of `watchctl wait` for a task that is over: contract, the table of commands.
  package var exitCode: Int32 {
    switch status {
    case .queued, .running: 124
    case .done, .duplicate: rowsRejected > 0 ? 2 : 0
    case .failed: 3
    case .cancelled: 4
    }
  }

  /// What became of a task that is over, in one sentence.
  package var endSentence: String { TaskSentence.text(ofEnded: self) }
}
