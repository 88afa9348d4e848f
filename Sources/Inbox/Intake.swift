import Files
import Logging
import TaskModel

/// The work of the inbox's thread: looks at names, waits for them, takes them, has them recorded.
///
/// Owned by one thread. It knows nothing of events but the hints it is handed, and never waits:
/// whoever runs it asks `nextDue` and comes again.
struct Intake {
  /// Where others see what this thread does.
  let board: Board
  /// Sources that could not be removed yet.
  private let copies: UnfinishedCopies
  var options: InboxOptions
  let logger: Logger
  let record: @Sendable ([ClaimedFile]) throws -> Void
  /// Gives what recovery could not look at, once that can be done.
  let recoverLeft: () -> [ClaimedFile]
  /// Asked between two files, so that a stop does not wait for thousands.
  let isStopped: () -> Bool
  private(set) var claimer: Claimer

  private var candidates: [FileName: Candidate] = [:]
  private var schedule = Schedule()
  /// Taken, and not recorded yet.
  private var batch: [ClaimedFile] = []
  /// From before the first of the batch.
  private var mark: Claimer.Mark
  /// Whether the batch is where it lies for good; then it may be recorded by now, whatever `record` said.
  private var isDurable = false
  /// Until when nothing is taken, because the batch could not be made durable or recorded.
  private(set) var heldUntil: SuspendingClock.Instant?
  /// Why what was taken is not recorded; nil where it is.
  private(set) var recordingTrouble: String?
  /// A person was told that nothing is taken for want of space.
  var isShort = false
  /// A person was told that nobody knows of writers here.
  var hasWarnedOfWriters = false

  /// Names that a scan lists before it looks at them: it bounds the memory of a scan.
  private static let scanChunk = 4096

  init(
    claimer: Claimer, board: Board, copies: UnfinishedCopies, options: InboxOptions,
    logger: Logger, record: @escaping @Sendable ([ClaimedFile]) throws -> Void,
    recoverLeft: @escaping () -> [ClaimedFile], isStopped: @escaping () -> Bool
  ) {
    self.claimer = claimer
    mark = claimer.mark
    self.board = board
    self.copies = copies
    self.options = options
    self.logger = logger
    self.record = record
    self.recoverLeft = recoverLeft
    self.isStopped = isStopped
  }

  /// When `round` wants to be called again, at the latest.
  var nextDue: SuspendingClock.Instant? { heldUntil ?? schedule.next }

  /// Goes on with another directory at the same path; what waited in the old one is forgotten.
  mutating func move(to directory: Directory) {
    claimer.inbox = directory
    mark = claimer.mark
    candidates.removeAll()
    schedule.removeAll()
    board.move(to: directory)
  }

  /// Looks through the whole inbox: at the start, after any loss of events, and now and then.
  ///
  /// The listing is taken in pieces, each sorted, and files are taken while it goes on; readdir(3)
  /// need not show what comes meanwhile, but that gives events.
  ///
  /// - Returns: Why the listing did not come to its end; nil where it did. What was listed until
  ///   then was looked at, the rest is owed.
  /// - Throws: What ends a run that is to end by itself, see `commit`.
  mutating func scan() throws -> FileError? {
    guard heldUntil == nil else { return nil }
    if batch.isEmpty { mark = claimer.mark }
    batch += recoverLeft()
    var names = copies.names.filter { candidates[$0] == nil }
    var trouble: FileError?
    do {
      try claimer.inbox.forEachEntry { name in
        guard InputName(name).isTaken, candidates[name] == nil, !isStopped() else { return }
        names.append(name)
        if names.count >= Self.scanChunk {
          do { try look(at: names) } catch { throw Ended(cause: error) }
          names.removeAll(keepingCapacity: true)
        }
      }
    } catch let end as Ended {
      throw end.cause
    } catch let error as FileError {
      trouble = error
    }
    try look(at: names)
    return trouble
  }

  /// Tells what ended the looks inside a listing from what ended the listing itself.
  private struct Ended: Error {
    var cause: any Error
  }

  /// Looks at the names that events told of, and at those whose time has come.
  mutating func round(hints: [FileName: Hint] = [:]) throws {
    var names: Set<FileName> = []
    for (name, hint) in hints {
      candidates[name, default: Candidate()].note(hint)
      names.insert(name)
    }
    let now = SuspendingClock.now
    if let heldUntil {
      if now >= heldUntil { try commit() }
      if let heldUntil = self.heldUntil {
        for name in names { plan(name, due: heldUntil) }
        return
      }
    }
    while let entry = schedule.takeDue(at: now) {
      guard candidates[entry.name]?.due == entry.due else { continue }
      candidates[entry.name]?.due = nil
      names.insert(entry.name)
    }
    try look(at: Array(names))
  }

  private mutating func look(at names: [FileName]) throws {
    for name in Set(names).sorted() {
      if isStopped() { break }
      if let heldUntil {
        plan(name, due: heldUntil)
      } else {
        try look(at: name)
        if batch.count >= options.maximumBatch { try commit() }
      }
    }
    if heldUntil == nil { try commit() }
  }

  private mutating func look(at name: FileName) throws {
    for file in copies.of(name) {
      guard finish(file) else { return }
    }
    var candidate = candidates[name] ?? Candidate()
    let verdict = candidate.decide(
      observe(name), now: .now(), settle: options.settle, retry: options.rescan)
    candidates[name] = candidate
    switch verdict {
    case .claim(let seen): take(name, seen: seen)
    case .wait(let due, let reason):
      if board.note(reason, of: name), case .trouble(let sentence) = reason {
        logger.error("\(name.shown) stays in the inbox for now: \(sentence)")
      }
      plan(name, due: due)
    case .ignore, .gone: forget(name)
    }
  }

  private mutating func take(_ name: FileName, seen: FileStatus) {
    guard hasSpace(for: name) else { return }
    if batch.isEmpty { mark = claimer.mark }
    do throws(FileError) {
      switch try claimer.claim(name, seen: seen) {
      case .claimed(let file):
        if candidates[name]?.hinted == false { board.countUnhinted() }
        batch.append(file)
        forget(name)
      case .changed:
        candidates[name]?.putBack()
        board.note(.settling, of: name)
        plan(name, due: .now + options.settle)
      case .gone: forget(name)
      case .stopped: plan(name, due: .now)
      }
    } catch {
      if board.note(.trouble(error.description), of: name) {
        logger.error("\(name.shown) stays in the inbox for now: \(error)")
      }
      plan(name, due: .now + options.rescan)
    }
  }

  /// Makes the batch durable and has it recorded.
  ///
  /// A batch that cannot be recorded (the database's disk is full) is kept and tried again, and
  /// nothing is taken meanwhile; after a crash, recovery finds it in `state/work`. A sync that fails is not tried again: the
  /// files go back into the inbox, and are taken anew.
  ///
  /// - Throws: The same, where the run is to end by itself.
  private mutating func commit() throws {
    heldUntil = nil
    recordingTrouble = nil
    guard !batch.isEmpty else { return }
    if !isDurable {
      do throws(FileError) {
        try claimer.makeDurable(batch, since: mark)
      } catch {
        putBack(because: error)
        try wait(
          because: "what was taken cannot be made durable, and was put back: \(error)", error)
        return
      }
      isDurable = true
    }
    do {
      try record(batch)
    } catch {
      try wait(because: "what was taken cannot be recorded: \(error)", error)
      return
    }
    board.countClaims(batch.count)
    let recorded = batch
    batch.removeAll(keepingCapacity: true)
    isDurable = false
    for file in recorded where file.source != nil {
      copies.add(file)
      _ = finish(file)
    }
  }

  /// Has nothing taken for a while.
  private mutating func wait(because trouble: String, _ error: any Error) throws {
    guard options.retriesRecording else { throw error }
    logger.error("no file is taken for now: \(trouble)")
    heldUntil = .now + options.rescan
    recordingTrouble = trouble
  }

  /// Undoes the batch; what cannot go back is claimed anew.
  private mutating func putBack(because error: FileError) {
    mark = claimer.mark
    let claimed = batch
    batch.removeAll(keepingCapacity: true)
    for file in claimed {
      if let kept = claimer.undo(file) {
        batch.append(kept)
      } else {
        board.note(.trouble(error.description), of: file.name)
        plan(file.name, due: .now + options.rescan)
      }
    }
  }

  /// Removes the source of a recorded copy; while that fails, nothing of its name is taken.
  ///
  /// - Returns: False where it is to be tried again.
  private mutating func finish(_ file: ClaimedFile) -> Bool {
    guard let source = file.source else { return true }
    if let error = claimer.finishCopy(file.taskID, name: file.name, source: source) {
      if board.note(.trouble("it is taken but cannot be removed: \(error)"), of: file.name) {
        logger.error("\(file.name.shown) waits in the inbox until it can be removed: \(error)")
      }
      plan(file.name, due: .now + options.rescan)
      return false
    }
    copies.remove(file)
    board.forget(file.name)
    return true
  }

  mutating func plan(_ name: FileName, due: SuspendingClock.Instant) {
    if candidates[name]?.due == due { return }
    candidates[name, default: Candidate()].due = due
    schedule.add(name, due: due)
  }

  private mutating func forget(_ name: FileName) {
    candidates[name] = nil
    board.forget(name)
  }
}
