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
  let options: InboxOptions
  let logger: Logger
  let record: @Sendable ([ClaimedFile]) throws -> Void
  /// Asked between two files, so that a stop does not wait for thousands.
  let isStopped: () -> Bool
  private(set) var claimer: Claimer

  private var candidates: [FileName: Candidate] = [:]
  private var schedule = Schedule()
  /// Taken, and not recorded yet.
  private var batch: [ClaimedFile] = []
  /// Until when nothing is taken, because the batch could not be recorded.
  private(set) var heldUntil: SuspendingClock.Instant?

  /// Names that a scan lists before it looks at them: it bounds the memory of a scan.
  private static let scanChunk = 4096

  init(
    claimer: Claimer, board: Board, options: InboxOptions, logger: Logger,
    record: @escaping @Sendable ([ClaimedFile]) throws -> Void, isStopped: @escaping () -> Bool
  ) {
    self.claimer = claimer
    self.board = board
    self.options = options
    self.logger = logger
    self.record = record
    self.isStopped = isStopped
  }

  /// When `round` wants to be called again, at the latest.
  var nextDue: SuspendingClock.Instant? { heldUntil ?? schedule.next }

  /// Goes on with another directory at the same path; what waited in the old one is forgotten.
  mutating func move(to directory: Directory) {
    claimer.inbox = directory
    candidates.removeAll()
    schedule.removeAll()
    board.move(to: directory)
  }

  /// Looks through the whole inbox: at the start, after any loss of events, and now and then.
  ///
  /// The listing is taken in pieces, each sorted, and files are taken while it goes on; readdir(3)
  /// need not show what comes meanwhile, but that gives events.
  mutating func scan() throws {
    guard heldUntil == nil else { return }
    var names: [FileName] = []
    try claimer.inbox.forEachEntry { name in
      guard InputName(name).isTaken, candidates[name] == nil, !isStopped() else { return }
      names.append(name)
      if names.count == Self.scanChunk {
        try look(at: names)
        names.removeAll(keepingCapacity: true)
      }
    }
    try look(at: names)
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
    for name in names.sorted() {
      if isStopped() { break }
      if let heldUntil {
        plan(name, due: heldUntil)
      } else {
        look(at: name)
        if batch.count >= options.maximumBatch { try commit() }
      }
    }
    if heldUntil == nil { try commit() }
  }

  private mutating func look(at name: FileName) {
    var candidate = candidates[name] ?? Candidate()
    let verdict = candidate.decide(
      observe(name), now: .now(), settle: options.settle, retry: options.rescan)
    candidates[name] = candidate
    switch verdict {
    case .claim(let seen): take(name, seen: seen)
    case .wait(let due, let reason):
      board.note(reason, of: name)
      plan(name, due: due)
    case .ignore, .gone: forget(name)
    }
  }

  private func observe(_ name: FileName) -> Observation {
    do throws(FileError) {
      guard let entry = try claimer.inbox.status(of: name) else { return .missing }
      guard entry.kind == .regular else { return .special(entry.kind) }
      guard let file = try claimer.inbox.openFile(name) else { return .missing }
      // The probe first: a writer that closes after the look at the status has written before it.
      let writers = file.writers()
      return .file(try file.status(), writers: writers)
    } catch {
      return .unreadable(error)
    }
  }

  private mutating func take(_ name: FileName, seen: FileStatus) {
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
  /// nothing is taken meanwhile; after a crash, recovery finds it in `state/work`. A failed sync is
  /// not tried again and ends the run: the kernel would report success without a reason to.
  private mutating func commit() throws {
    guard !batch.isEmpty else { return }
    try claimer.makeDurable(batch)
    do {
      try record(batch)
    } catch {
      guard options.retriesRecording else { throw error }
      logger.error("\(batch.count) files are taken but not recorded; it is tried again: \(error)")
      heldUntil = .now + options.rescan
      return
    }
    heldUntil = nil
    board.countClaims(batch.count)
    let recorded = batch
    batch.removeAll(keepingCapacity: true)
    for file in recorded {
      guard let source = file.source else { continue }
      try claimer.finishCopy(file.taskID, name: file.name, source: source)
    }
  }

  private mutating func plan(_ name: FileName, due: SuspendingClock.Instant) {
    if candidates[name]?.due == due { return }
    candidates[name, default: Candidate()].due = due
    schedule.add(name, due: due)
  }

  private mutating func forget(_ name: FileName) {
    candidates[name] = nil
    board.forget(name)
  }
}
