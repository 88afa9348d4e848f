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
  let copies: UnfinishedCopies
  var options: InboxOptions
  let logger: Logger
  let record: @Sendable ([ClaimedFile]) throws -> Void
  /// Gives what recovery could not look at, once that can be done.
  let recoverLeft: () -> [ClaimedFile]
  /// Asked between two files, so that a stop does not wait for thousands.
  let isStopped: () -> Bool
  private(set) var claimer: Claimer

  /// Names that are waited for: `InboxOptions.mostRemembered` at most.
  var candidates: [FileName: Candidate] = [:]
  var schedule = Schedule()
  /// A name was left out for want of room among the candidates: only a scan finds it.
  var hasLeftOut = false
  /// Taken, and not recorded yet.
  private var batch: [ClaimedFile] = []
  /// From before the first of the batch.
  private var mark: Claimer.Mark
  /// Whether the batch is where it lies for good; then it may be recorded by now, whatever `record` said.
  private var isDurable = false
  /// Why nothing is taken for a while; nil where files are.
  var hold: Hold?
  /// For want of what a person was told that nothing is taken; nil where it is.
  var toldCause: Hold.Cause?
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
    guard hold == nil else { return nil }
    let hadLeftOut = hasLeftOut
    hasLeftOut = false
    if batch.isEmpty { mark = claimer.mark }
    batch += recoverLeft()
    var names = copies.names.filter { candidates[$0] == nil }
    var trouble: FileError?
    do {
      try claimer.inbox.forEachEntry { name in
        guard InputName(name).isTaken, candidates[name] == nil, !isStopped() else { return }
        guard hold == nil || remembers(name) else { return }
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
      hasLeftOut = hasLeftOut || hadLeftOut
    }
    try look(at: names)
    return trouble
  }

  /// Tells what ended the looks inside a listing from what ended the listing itself.
  private struct Ended: Error {
    var cause: any Error
  }

  /// Looks at the names that events told of, and at those whose time has come; `released` is what `release` gave.
  mutating func round(hints: [FileName: Hint] = [:], released: [FileName] = []) throws {
    var names = Set(released)
    for (name, hint) in hints where remembers(name) || hold == nil {
      if remembers(name) { candidates[name, default: Candidate()].note(hint) }
      names.insert(name)
    }
    let now = SuspendingClock.now
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
      look(at: name)
      if hold?.cause != .recording, batch.count >= options.maximumBatch { try commit() }
    }
    if hold?.cause != .recording { try commit() }
  }

  /// What is held is the taking; a source whose copy is recorded goes all the same, for the task waits for that.
  private mutating func look(at name: FileName) {
    for file in copies.of(name) {
      guard finish(file) else { return }
    }
    if let hold { return keep(name, until: hold) }
    var candidate = candidates[name] ?? Candidate()
    let verdict = candidate.decide(
      observe(name), now: .now(), settle: options.settle, retry: options.rescan)
    if remembers(name) { candidates[name] = candidate }
    switch verdict {
    case .claim(let seen): take(name, seen: seen, isHinted: candidate.hinted)
    case .wait(let due, let reason):
      if wait(for: name, until: due, because: reason), case .trouble(let sentence) = reason {
        logger.error("\(name.shown) stays in the inbox for now: \(sentence)")
      }
    case .ignore, .gone: forget(name)
    }
  }

  private mutating func take(_ name: FileName, seen: FileStatus, isHinted: Bool) {
    if let hold = reasonToHold() {
      self.hold = hold
      wait(for: name, until: hold.until, because: hold.reason)
      return
    }
    if batch.isEmpty { mark = claimer.mark }
    do throws(FileError) {
      switch try claimer.claim(name, seen: seen) {
      case .claimed(let file):
        if !isHinted { board.countUnhinted() }
        batch.append(file)
        forget(name)
      case .changed:
        // Whatever room there is: the watch reports it as a file that was renamed in.
        candidates[name, default: Candidate()].putBack()
        wait(for: name, until: .now + options.settle, because: .settling)
      case .gone: forget(name)
      case .stopped: plan(name, due: .now)
      }
    } catch {
      let due = SuspendingClock.now + options.rescan
      if wait(for: name, until: due, because: .trouble(error.description)) {
        logger.error("\(name.shown) stays in the inbox for now: \(error)")
      }
    }
  }

  /// Makes the batch durable and has it recorded.
  ///
  /// A batch that cannot be recorded (the database's disk is full) is kept and tried again, and
  /// nothing is taken meanwhile; after a crash, recovery finds it in `state/work`. A sync that fails is not tried again: the
  /// files go back into the inbox, and are taken anew.
  ///
  /// - Throws: The same, where the run is to end by itself.
  mutating func commit() throws {
    if hold?.cause == .recording { hold = nil }
    guard !batch.isEmpty else { return }
    if !isDurable {
      do throws(FileError) {
        try claimer.makeDurable(batch, since: mark)
      } catch {
        putBack(because: error)
        try holdOff(
          because: "what was taken cannot be made durable, and was put back: \(error)", error)
        return
      }
      isDurable = true
    }
    do {
      try record(batch)
    } catch {
      try holdOff(because: "what was taken cannot be recorded: \(error)", error)
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
  private mutating func holdOff(because trouble: String, _ error: any Error) throws {
    guard options.retriesRecording else { throw error }
    logger.error("no file is taken for now: \(trouble)")
    board.note(shortage: nil)
    toldCause = nil
    hold = Hold(cause: .recording, until: .now + options.rescan, sentence: trouble)
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
        wait(
          for: file.name, until: .now + options.rescan, because: .trouble(error.description))
      }
    }
  }

  /// Removes the source of a recorded copy; while that fails, nothing of its name is taken.
  ///
  /// - Returns: False where it is to be tried again.
  private mutating func finish(_ file: ClaimedFile) -> Bool {
    guard let source = file.source else { return true }
    if let error = claimer.finishCopy(file.taskID, name: file.name, source: source) {
      let reason = Sighting.Reason.trouble("it is taken but cannot be removed: \(error)")
      if wait(for: file.name, until: .now + options.rescan, because: reason) {
        logger.error("\(file.name.shown) waits in the inbox until it can be removed: \(error)")
      }
      return false
    }
    copies.remove(file)
    board.forget(file.name)
    return true
  }
}
