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
//   done, duplicate or failed, or cancelled by a person; whatever is killed whenever, start-up takes it up again (`recover`).
// - Its rows become visible, all at once, in the same commit that says `done`, which comes after its
//   result and receipt are durable in the outbox.
// - Two kinds of failure are kept apart. The file's own (`FileFailure`) is recorded and final. The
//   machine's (everything else: disk, database, descriptors) is logged, the task goes back to the
//   queue, and is tried again, for ever, at growing intervals; it never counts against the file.
// - A failed fsync is not tried again: the whole task is, from the file it came from.
//
// - A large file that is interrupted goes on from its last committed set of runs (`Ingest`); one that fits in
//   memory starts again from its file.
//
// `TaskRun.run` is the life of one file in order; `Ingest` is its reading, `Publisher` its end.

/// Workers, their queue and what each task's processing needs.
package final class Pipeline: Sendable {
  private let made: PipelineContext
  private let current: Mutex<Settings>
  let running = RunningTasks()
  /// One at a time removes what is old.
  let pruning = Mutex(())
  let retentionStop: StopFlag
  let retentionWatch = Monitor(RetentionWatch())
  private let retries = Mutex<[TaskID: Retries]>([:])
  private let ended = Mutex(Summary())
  private let meter = Mutex(TaskMeter())
  private let hindered = Mutex(Hindrances())
  private let lines = Mutex(LineLimit())
  /// Tasks that have ended and after which it could not be cleared away yet.
  let uncleared = Mutex<[TaskRecord]>([])
  /// Files of uploads whose commit failed in a way that a later start may not see (`StoreError.mayBeFoundCommitted`).
  let doubtful = Mutex<[IncomingFile]>([])
  /// Files of uploads that are tasks and could not be given their names yet.
  let unnamed = Mutex<[TaskID: IncomingFile]>([:])
  /// How often the machine may fail a task before this process gives it up; nil: for ever.
  private let mostAttempts: Int?
  /// Told of each task that came to its end, with its receipt.
  private let onEnd: @Sendable (Receipt) -> Void
  /// Told when a queue that was full has room again.
  let onRoom = Mutex<@Sendable () -> Void>({})

  /// How often a task was to be tried again, and what kept it the last time.
  private struct Retries {
    var count = 0
    var reason: String?
  }

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
  /// daemon, which tries for ever. `onEnd` is told of each task that came to its end, on a worker's thread.
  package init(
    settings: Settings, folders: Folders, store: TaskStore, logger: Logger, mostAttempts: Int?,
    limits: IngestLimits = IngestLimits(), mostWaiting: Int = QueueFull.most,
    onEnd: @escaping @Sendable (Receipt) -> Void = { _ in }
  ) {
    self.mostAttempts = mostAttempts
    self.onEnd = onEnd
    current = Mutex(settings)
    made = PipelineContext(
      settings: settings, folders: folders, store: store,
      names: OutboxNames(), queue: WorkQueue(workers: settings.workers, mostWaiting: mostWaiting),
      stop: StopFlag(), logger: logger, hashSeed: UInt64.random(in: .min ... .max), limits: limits)
    retentionStop = StopFlag(under: made.stop)
  }

  /// With the settings of the moment.
  var context: PipelineContext {
    var context = made
    context.settings = settings
    return context
  }

  package var settings: Settings { current.withLock { $0 } }

  /// Has these settings for what begins from now on; folders, workers and memory stay as they were made.
  package func use(_ settings: Settings) {
    current.withLock { $0 = settings }
    retentionWatch.change { $0.settings += 1 }
  }

  package var summary: Summary { ended.withLock { $0 } }
  /// What was done since the start, for the metrics.
  package var measured: TaskMeter { meter.withLock { $0 } }
  /// What the machine failed in since the start, and what waits for that.
  package var hindrances: Hindrances { hindered.withLock { $0 } }
  package var isStopping: Bool { context.stop.isRequested }

  /// Makes tasks of claimed files: durable in the manifest when it returns, then queued.
  package func record(_ claims: [ClaimedFile]) throws {
    try context.store.add(claims.map(NewTask.init), at: .now())
    enqueue(claims)
  }

  func enqueue(_ claims: [ClaimedFile]) {
    context.queue.add(
      claims.map { WorkQueue.Entry(taskID: $0.taskID, size: $0.size.unpacked(as: $0.name)) })
  }

  /// Runs all workers and lanes, each on a thread of its own, until they are stopped or there is nothing left.
  package func runWorkers() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...context.queue.threads {
        group.addTask {
          try await onThread(named: "worker-\(number)") { [self] in work() }
        }
      }
      do {
        try await group.waitForAll()
      } catch {
        // A thread that could not be started: the others end, and whoever runs us is told.
        context.queue.stop()
        throw error
      }
    }
  }

  /// One worker: takes tasks and runs them until it is stopped, or the queue is closed and empty.
  private func work() {
    while let entry = context.queue.take() {
      if context.queue.comesToHaveRoom() { onRoom.withLock { $0 }() }
      context.queue.end(entry, retryAfter: process(entry))
      if context.queue.comesToRest() { ProcessMemory.giveBackFree() }
    }
    clearAwayLeft()
  }

  /// Says that what lay in the inbox at the start is recorded: what is suspect may be begun once nothing else waits.
  package func noteInboxTaken() { context.queue.noteInboxTaken() }

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
    hindered.withLock { $0.clear(entry.taskID) }
    var context = context
    switch running.enter(entry.taskID, under: context.stop) {
    case .entered(let flag): context.stop = flag
    case .taken: return nil
    case .reserved: return .milliseconds(50)
    }
    defer { running.leave(entry.taskID) }
    do {
      guard let stored = try context.store.task(entry.taskID) else { return nil }
      running.name(entry.taskID, stored.record.name)
      switch stored.record.status {
      case .queued: break
      case .running:
        // An attempt that was interrupted while it published, or one whose undoing failed: that comes first.
        if let ended = try completePublication(of: stored) {
          end(stored.record, as: ended)
          return nil
        }
        try undo(entry.taskID, because: "an attempt could not be undone at once") {
          running.step(entry.taskID)
        }
        return .zero
      case .done, .duplicate, .failed, .cancelled: return nil
      }
      try context.space.check()
      context.folders = try context.folders.withOutbox(at: context.settings.outbox)
      var run = TaskRun(stored, context: context)
      end(stored.record, as: try run.run())
      return nil
    } catch is StillWritten {
      finishUpload(entry.taskID)
      return waitForWriter(entry)
    } catch is StopRequested {
      guard self.context.stop.isRequested else {
        // Whoever cancels it waits for us to leave it as it is; should that fail, it is undone and taken up again.
        return .milliseconds(50)
      }
      return putBack(entry, because: "the daemon was stopped")
    } catch {
      return retry(entry, after: error)
    }
  }

  /// Counts the task, moves its file to the archive, on which nothing hangs, for start-up does it else, and tells
  /// who wants to know.
  private func end(_ record: TaskRecord, as end: TaskEnd) {
    ended.withLock { summary in
      if end.receipt.status == .failed { summary.failed += 1 } else { summary.done += 1 }
    }
    retries.withLock { $0[record.taskID] = nil }
    clearAway(record)
    discardDoubtful()
    onEnd(end.receipt)
    meter.withLock { $0.count(end.receipt, bytesRead: end.bytesRead) }
  }

  /// Undoes an attempt; where there is none to be undone, and `notesWaiting` is true, the task gets a note of the
  /// reason.
  ///
  /// - Returns: Nil; or, where it could not be undone, when to try again.
  private func putBack(
    _ entry: WorkQueue.Entry, because reason: String, notesWaiting: Bool = false
  ) -> Duration? {
    do {
      let needsNote = try !undo(entry.taskID, because: reason) { running.step(entry.taskID) }
      if needsNote, notesWaiting {
        try context.store.noteWaiting(entry.taskID, reason: reason, at: .now())
      }
      return nil
    } catch {
      context.logger.error(
        "cannot put a task back; it is tried again",
        metadata: ["task_id": "\(entry.taskID)", "error": "\(error)"])
      return .seconds(1)
    }
  }

  /// The claimed file is still open in some writer, or is a copy that is being finished.
  private func waitForWriter(_ entry: WorkQueue.Entry) -> Duration? {
    guard let mostAttempts else { return .milliseconds(100) }
    // A run that is to end by itself waits some seconds an attempt.
    let waits = countRetry(entry.taskID).attempt
    guard waits >= mostAttempts * 50 else { return .milliseconds(100) }
    ended.withLock {
      $0.givenUp.append("a writer still has the file open, or its source cannot be removed")
    }
    return nil
  }

  /// The machine failed: the task waits and is tried again, for ever or as often as was said.
  private func retry(_ entry: WorkQueue.Entry, after error: any Error) -> Duration? {
    hindered.withLock { $0.note(error, of: entry.taskID) }
    let reason = "\(error)"
    let (attempt, isNew) = countRetry(entry.taskID, because: reason)
    let isLast = mostAttempts.map { attempt >= $0 } ?? false
    let delay = Backoff.delay(beforeRetry: attempt)
    var metadata: Logger.Metadata = [
      "task_id": "\(entry.taskID)", "error": "\(reason)", "attempt": "\(attempt)",
    ]
    if !isLast { metadata["retry_in"] = "\(delay)" }
    if let leftOut = lines.withLock({ $0.admit(Hindrance(error), at: .now) }) {
      if leftOut > 0 { metadata["lines_left_out"] = "\(leftOut)" }
      context.logger.error(
        isLast
          ? "an attempt did not succeed; the next start takes the task up"
          : "an attempt did not succeed; the task is tried again",
        metadata: metadata)
    }
    let putBackDelay = putBack(entry, because: reason, notesWaiting: isNew)
    if isLast {
      ended.withLock { $0.givenUp.append(reason) }
      return nil
    }
    return max(delay, putBackDelay ?? .zero)
  }

  /// - Returns: How many there were by now, and whether the reason, if it has one, is another than the last.
  private func countRetry(
    _ task: TaskID, because reason: String? = nil
  ) -> (attempt: Int, isNew: Bool) {
    retries.withLock { retries in
      let last = retries[task] ?? Retries()
      retries[task] = Retries(count: last.count + 1, reason: reason ?? last.reason)
      return (last.count + 1, reason != nil && reason != last.reason)
    }
  }
}

extension NewTask {
  init(_ claim: ClaimedFile) {
    self.init(
      taskID: claim.taskID, rawName: claim.name, sizeBytes: claim.size,
      sourceIdentity: claim.source?.text, sentSHA256: claim.sentSHA256)
  }
}
