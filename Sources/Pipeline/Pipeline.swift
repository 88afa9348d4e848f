import Files
package import Inbox
package import Logging
import Synchronization
package import TaskModel
package import TaskStore

// The product in one place: a claimed file becomes a task, its rows the database's, its totals a
// result in the outbox.
//
// Promises
// - Every claimed file has a row in the manifest before anything else happens to it, and ends as
//   done, duplicate or failed; whatever is killed whenever, start-up takes it up again (`recover`).
// - Its rows become visible, all at once, in the same commit that says `done`, which comes after its
//   result and receipt are durable in the outbox.
// - Two kinds of failure are kept apart. The file's own (`FileFailure`) is recorded and final. The
//   machine's (everything else: disk, database, descriptors) is logged, the task goes back to the
//   queue, and is tried again, for ever, at growing intervals; it never counts against the file.
// - A failed fsync is not tried again: the whole task is, from the file it came from.
//
// Not promised: that a task interrupted in the middle goes on where it was; it starts again from its
// file. The cost of that simplicity is the time of one reading.
//
// `TaskRun.run` is the life of one file in order; `Ingest` is its reading, `Publisher` its end.

/// Workers, their queue and what each task's processing needs.
package final class Pipeline: Sendable {
  let context: PipelineContext
  private let retries = Mutex<[TaskID: Int]>([:])
  private let ended = Mutex(Summary())
  /// How often the machine may fail a task before this process gives it up; nil: for ever.
  private let mostAttempts: Int?

  /// What became of the tasks that this process took to an end.
  package struct Summary: Sendable {
    package var done = 0
    package var failed = 0
    /// One sentence for each task that was given up, to be taken up by the next process.
    package var givenUp: [String] = []
  }

  /// Makes the pipeline over folders and a store that are open, and locked, for as long as it lives.
  ///
  /// `mostAttempts` is how often the machine may fail a task before this process gives it up; nil for a
  /// daemon, which tries for ever.
  package init(
    settings: Settings, folders: Folders, store: TaskStore, logger: Logger, mostAttempts: Int?
  ) {
    self.mostAttempts = mostAttempts
    context = PipelineContext(
      settings: settings, folders: folders, store: store,
      names: OutboxNames(outbox: folders.outbox), queue: WorkQueue(workers: settings.workers),
      stop: StopFlag(), logger: logger, hashSeed: UInt64.random(in: .min ... .max))
  }

  package var summary: Summary { ended.withLock { $0 } }

  /// Makes tasks of claimed files: durable in the manifest when it returns, then queued.
  package func record(_ claims: [ClaimedFile]) throws {
    try context.store.add(claims.map(NewTask.init), at: .now())
    context.queue.add(claims.map { WorkQueue.Entry(taskID: $0.taskID, size: $0.size) })
  }

  /// Queues tasks that the manifest has already.
  func enqueue(_ tasks: [TaskRecord]) {
    context.queue.add(tasks.map { WorkQueue.Entry(taskID: $0.taskID, size: $0.sizeBytes) })
  }

  /// Runs all workers, each on a thread of its own, until they are stopped or there is nothing left.
  package func runWorkers() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...context.settings.workers {
        group.addTask {
          try await onThread(named: "worker-\(number)") { [self] in work() }
        }
      }
      try await group.waitForAll()
    }
  }

  /// One worker: takes tasks and runs them until it is stopped, or the queue is closed and empty.
  private func work() {
    while let entry = context.queue.take() {
      context.queue.end(entry, retryAfter: process(entry))
    }
  }

  /// Says that nothing more will be recorded: the workers end when the queue is empty.
  package func close() { context.queue.close() }

  /// Ends the workers soon: what they are reading goes back to the queue.
  package func stop() {
    context.stop.request()
    context.queue.stop()
  }

  /// Runs one task.
  ///
  /// - Returns: After how long it is to be tried again; nil where this process is through with it.
  private func process(_ entry: WorkQueue.Entry) -> Duration? {
    do {
      guard let stored = try context.store.task(entry.taskID), stored.record.status == .queued
      else { return nil }
      var run = TaskRun(stored, context: context)
      try run.run()
      try count(entry.taskID)
      return nil
    } catch is StillWritten {
      return .milliseconds(100)
    } catch is StopRequested {
      return putBack(entry, because: "the daemon was stopped")
    } catch let error as ChangedWhileRead {
      return putBack(entry, because: error.description) ?? .milliseconds(500)
    } catch {
      return retry(entry, after: error)
    }
  }

  private func count(_ taskID: TaskID) throws {
    let status = try context.store.task(taskID)?.record.status
    ended.withLock { summary in
      if status == .failed { summary.failed += 1 } else { summary.done += 1 }
    }
    _ = retries.withLock { $0.removeValue(forKey: taskID) }
  }

  /// Undoes what the task has done so far and queues it in the manifest.
  ///
  /// - Returns: Nil; or, where even that could not be done, when to try again.
  private func putBack(_ entry: WorkQueue.Entry, because reason: String) -> Duration? {
    do {
      try OutboxFile.removeAll(of: entry.taskID, from: context.folders.outbox)
      if try context.store.task(entry.taskID)?.record.status == .running {
        try context.store.requeue(entry.taskID, reason: reason, at: .now())
      }
      return nil
    } catch {
      context.logger.error(
        "cannot put a task back; start-up will",
        metadata: ["task_id": "\(entry.taskID)", "error": "\(error)"])
      return .seconds(1)
    }
  }

  /// The machine failed: the task waits and is tried again, for ever or as often as was said.
  private func retry(_ entry: WorkQueue.Entry, after error: any Error) -> Duration? {
    let attempt = retries.withLock { retries in
      retries[entry.taskID, default: 0] += 1
      return retries[entry.taskID] ?? 1
    }
    let delay = Backoff.delay(beforeRetry: attempt)
    context.logger.error(
      "the machine failed a task; it is tried again",
      metadata: [
        "task_id": "\(entry.taskID)", "error": "\(error)", "attempt": "\(attempt)",
        "retry_in": "\(delay)",
      ])
    let putBackDelay = putBack(entry, because: "\(error)")
    if let mostAttempts, attempt >= mostAttempts {
      ended.withLock { $0.givenUp.append("\(error)") }
      return nil
    }
    return max(delay, putBackDelay ?? .zero)
  }
}

/// How long to wait before a task that the machine failed is tried again.
enum Backoff {
  /// One second, doubling, up to a minute.
  static func delay(beforeRetry attempt: Int) -> Duration {
    .seconds(min(60, 1 << min(attempt - 1, 6)))
  }
}

extension NewTask {
  fileprivate init(_ claim: ClaimedFile) {
    self.init(
      taskID: claim.taskID, rawName: claim.name, sizeBytes: claim.size,
      sourceIdentity: claim.source?.text)
  }
}
