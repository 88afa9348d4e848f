import Files
import Logging
import TaskModel

/// The watch and the intake together, and what becomes of them when the directory is lost.
///
/// A directory that is renamed away, removed, mounted over or unmounted gives no events any more,
/// and only a rename says so: while we hold its descriptor, a removed directory's inode lives on,
/// so IN_DELETE_SELF does not come (inotify(7); it comes with the last reference). So each scan
/// compares what the path leads to with what is held. A missing directory is made anew only at the
/// second attempt, one interval later, so that `mv inbox old; mkdir inbox` does not find one of
/// ours in its way.
///
/// Where there is no watch to be had (too many watches, queues or open files on this machine), the scans alone
/// find the files, and with each the watch is tried again.
struct Vigil {
  private let makeWatch: () throws -> InboxWatch
  private var watch: InboxWatch?
  let board: Board
  var intake: Intake
  let logger: Logger
  private var interval: Duration

  private var nextScan = SuspendingClock.now
  private var wantsScan = false
  /// A look at names that were told of came before the scan that was owed, and left nothing to be taken by it.
  private var isScanPassedOver = false
  /// The path leads elsewhere or nowhere; nothing is taken.
  private var isLost = false
  /// The watch is to be armed again.
  private var isUnwatched = false
  /// What was last told of the directory and of its listing, so that it is told once.
  private var directoryTrouble: String?
  private var listingTrouble: String?

  init(
    makeWatch: @escaping () throws -> InboxWatch, board: Board, intake: Intake, logger: Logger,
    interval: Duration
  ) {
    self.makeWatch = makeWatch
    self.board = board
    self.intake = intake
    self.logger = logger
    self.interval = interval
  }

  /// When `turn` wants to be called again, at the latest.
  var nextTurn: SuspendingClock.Instant {
    isLost ? nextScan : min(nextScan, intake.nextDue ?? nextScan)
  }

  /// Waits otherwise from now on; a scan that is due later than it would be by now comes earlier.
  mutating func use(_ options: InboxOptions) {
    intake.options = options
    interval = options.rescan
    nextScan = min(nextScan, .now + interval)
  }

  /// Arms the watch, and only then scans, so that nothing falls between the two.
  ///
  /// - Throws: What keeps the state directory from being written to, where that is no failure that may pass.
  mutating func start() throws {
    do {
      try arm()
    } catch let error as InboxError where error != .alreadyWatching {
      isUnwatched = true
      tell(of: error)
    } catch let error as FileError where error.mayPass {
      isUnwatched = true
      tell(of: error)
    }
    try scan()
    nextScan = .now + interval
    board.setHindrance(recordingTrouble ?? listingTrouble)
  }

  /// Ends the watch's thread, and gives the library back.
  mutating func endWatch() {
    defer { watch = nil }
    do {
      try watch?.stop()
    } catch {
      logger.error("the watch's thread goes on until the process ends: \(error)")
    }
  }

  private mutating func arm() throws {
    guard let watch else {
      watch = try makeWatch()
      return
    }
    do {
      try watch.watch(board.directory)
    } catch let error as InboxError {
      // Its thread may have ended; the next attempt begins with a new one.
      endWatch()
      throw error
    }
  }

  /// Does what the mailbox and the clock ask for.
  mutating func turn(_ contents: Mailbox.Contents) throws {
    var hints = contents.hints
    if !contents.rescans.isEmpty {
      wantsScan = true
      intake.doubtEvents()
      hints = hints.mapValues { $0 == .movedIn ? .touched : $0 }
      isUnwatched = isUnwatched || !contents.rescans.isDisjoint(with: [.watchLost, .watchFailed])
      let reasons = contents.rescans.map(\.rawValue).sorted().joined(separator: ", ")
      logger.warning("the inbox is looked through: \(reasons)")
    }
    if let watch { board.countOverflows(watch.overflows) }
    if !hints.isEmpty { board.countHints(at: .now()) }
    defer {
      board.setHindrance(isLost ? directoryTrouble : recordingTrouble ?? listingTrouble)
    }
    let isTime = SuspendingClock.now >= nextScan
    if isTime || wantsScan { keepDirectory(isTime: isTime) }
    if isTime { nextScan = .now + interval }
    if isLost { return }
    let released = try intake.release()
    let mayTake = intake.hold == nil
    // In turn with the names that are told of, which could else keep it from ever coming.
    let scansFirst = isScanPassedOver && mayTake
    if scansFirst { try rescan() }
    try intake.round(hints: hints, released: released)
    // A scan that falls into a time when nothing may be taken is owed.
    wantsScan = wantsScan || isTime || intake.owesScan
    if mayTake {
      isScanPassedOver =
        !scansFirst && intake.hold != nil && (wantsScan || intake.hasLeftOut)
    }
    if wantsScan, intake.hold == nil { try rescan() }
  }

  private mutating func rescan() throws {
    wantsScan = false
    board.countRescan()
    try scan()
  }

  /// Looks through the inbox; where it cannot be listed (too many open files, a right that was
  /// taken away), the next interval's scan makes up for it.
  private mutating func scan() throws {
    let trouble = try intake.scan()?.description
    defer { listingTrouble = trouble }
    if let trouble, trouble != listingTrouble {
      logger.error(
        "the inbox is not looked through, it is tried again every \(interval): \(trouble)")
    } else if trouble == nil, listingTrouble != nil {
      logger.notice("the inbox is looked through again")
    }
  }

  /// Sees to it that what is held is what the path leads to, and watched.
  private mutating func keepDirectory(isTime: Bool) {
    do {
      let held = board.directory
      let status = try held.status()
      let found = try held.statusOfPath()
      if found?.device != status.device || found?.inode != status.inode {
        if !isLost { logger.error("\(held.path) is not the directory any more that was watched") }
        let create = isLost && isTime
        isLost = true
        intake.move(to: try Directory.open(held.path, create: create))
        isUnwatched = true
      }
      isLost = false
      if isUnwatched {
        try arm()
        isUnwatched = false
        wantsScan = true
        logger.notice("\(held.path) is watched again")
      } else if directoryTrouble != nil {
        logger.notice("\(held.path) can be looked at again")
      }
      directoryTrouble = nil
    } catch {
      tell(of: error)
    }
  }

  private var recordingTrouble: String? {
    intake.hold?.cause == .recording ? intake.hold?.sentence : nil
  }

  private mutating func tell(of error: any Error) {
    let trouble = "\(error)"
    defer { directoryTrouble = trouble }
    guard trouble != directoryTrouble else { return }
    logger.error(
      """
      the inbox is not watched; files are found by looking through it every \(interval), and the watch is \
      tried again: \(trouble)
      """)
  }
}
