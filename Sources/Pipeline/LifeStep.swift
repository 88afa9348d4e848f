import TaskModel
import TaskStore

/// The steps of a file's life, each with what a kill leaves of it and what start-up then does: the one table.
///
/// `Pipeline.recover` does what it says; `ARCHITECTURE.md` shows it, and a test holds the two together. Who adds a
/// durable step adds a row.
enum LifeStep: CaseIterable {
  case arrived
  case claimed
  case queued
  case ingesting
  case prepared
  case publishing
  case published
  case ended
  case archived

  /// What start-up does with a task that it finds at a step.
  enum Recovery {
    /// Nothing: the inbox's first scan finds the file, or all is done.
    case none
    /// Makes the row in the manifest (`Inbox.recover` has the table of that folder), and queues the task.
    case record
    case enqueue
    /// Takes out what the attempt left, in the database up to its resume point and under hidden names, and
    /// queues the task.
    case undoAndEnqueue
    /// Publishes what is not published yet, and commits the end. What it would need for that may be missing
    /// (`Publication`): then as above.
    case publishAndEnd
    case archive
  }

  /// The step that the manifest speaks of; the ones between leave the same there.
  init(_ record: TaskRecord) {
    self =
      switch (record.status, record.phase) {
      case (.queued, _): .queued
      case (.running, .publishing?): .publishing
      case (.running, _): .ingesting
      case (.done, _), (.duplicate, _), (.failed, _), (.cancelled, _): .ended
      }
  }

  var recovery: Recovery {
    switch self {
    case .arrived, .archived: .none
    case .claimed: .record
    case .queued: .enqueue
    case .ingesting, .prepared: .undoAndEnqueue
    case .publishing, .published: .publishAndEnd
    case .ended: .archive
    }
  }

  /// What happens, where in the code, what is durable after it, and what start-up does about a kill before the
  /// next step.
  var row: [String] {
    switch self {
    case .arrived:
      ["the file lies in the inbox", "-", "the sender's business", "finds it by the first scan"]
    case .claimed:
      [
        "renamed to `state/work/<task-id>/`", "`Inbox`",
        "the rename: folder, `work` and inbox are synced", "makes the row (`Inbox.recover`)",
      ]
    case .queued:
      [
        "row `queued` in the manifest", "`TaskStore.add`", "the commit, one for many files",
        "queues it",
      ]
    case .ingesting:
      [
        "`running`, `ingesting`", "`TaskRun`, `Ingest`",
        "each set of sorted runs that did not fit in memory, unseen by `plays`, and the place in the file up"
          + " to which they go",
        "removes the runs behind the last such place, queues it; it goes on from there",
      ]
    case .prepared:
      [
        "result, rejects, an empty receipt and an empty file for this outbox, under hidden names",
        "`Totals`, `RejectsFile`, `Publisher.prepare`", "the files and the outbox are synced",
        "removes them, queues it",
      ]
    case .publishing:
      [
        "`running`, `publishing`", "`TaskStore.finishIngest`, `beginFailing`",
        "last rows, counts, fingerprint, names, and what is wrong with the file: one commit",
        "publishes what still has a hidden name, and ends it; what has none was published, and may have been taken"
          + " by now (`Publication`)",
      ]
    case .published:
      [
        "renamed to their names, then the receipt", "`Publisher`",
        "outbox synced after the result and after the receipt", "the same",
      ]
    case .ended:
      [
        "`done`, `duplicate`, `failed` or `cancelled`", "`TaskStore.finish`, `fail`, `cancel`",
        "the commit, which makes the rows of a `done` one visible in `plays`",
        "removes the empty file, archives the original",
      ]
    case .archived:
      ["original in `state/archive/<task-id>/`", "`Folders.archive`", "nothing hangs on it", "-"]
    }
  }

  /// The table as `ARCHITECTURE.md` has it.
  static var markdown: String {
    let head = [
      "step", "where", "what is durable after it", "killed before the next step, start-up",
    ]
    let rows = [head, head.map { _ in "---" }] + allCases.map(\.row)
    return rows.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }
}
