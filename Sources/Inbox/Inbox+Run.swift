import Files
import Logging
import TaskModel

extension Inbox {
  /// Watches and takes, until `stop`; what is thrown ends the daemon: a state directory that cannot be written to.
  package func run() throws {
    warnOfRemoteFileSystem()
    var vigil = makeVigil()
    defer { vigil.endWatch() }
    try vigil.start()
    onReady()
    while !isStopped {
      vigil.use(options)
      let turn = vigil.nextTurn
      try vigil.turn(pulse.waiting(until: turn) { mailbox.take(until: turn) })
    }
  }

  func makeVigil() -> Vigil {
    Vigil(
      makeWatch: { [self] in
        try InboxWatch(
          directory: board.directory, wake: wake, mailbox: mailbox,
          beforeReading: interposed.beforeReading)
      },
      board: board, intake: makeIntake(options: options), logger: logger,
      interval: options.rescan)
  }

  /// Takes what lies in the inbox now, without watching it; for a run that ends by itself.
  ///
  /// Waits for room in the queue for as long as that takes, and for what has to settle four times as long as that takes. What then still
  /// changes or is open by a writer is left: a writer that does not finish must not keep a batch
  /// job from ending.
  ///
  /// - Returns: What is left, and why.
  package func drain() throws -> [Sighting] {
    var options = options
    options.retriesRecording = false
    var intake = makeIntake(options: options)
    // For names that were left out, as long as that leads to anything.
    var (passes, claimed) = (0, 0)
    repeat {
      (passes, claimed) = (passes + 1, counters.claimed)
      if let trouble = try intake.scan() { throw trouble }
      var patience = SuspendingClock.now + options.settle * 4
      while let due = intake.nextDue, due <= patience || intake.hold?.cause == .queue, !isStopped {
        let waitsForRoom = intake.hold?.cause == .queue
        _ = mailbox.take(until: due)
        try intake.round(released: intake.release())
        if waitsForRoom { patience = .now + options.settle * 4 }
      }
      if intake.hasLeftOut { _ = mailbox.take(until: patience) }
    } while intake.hasLeftOut && (passes == 1 || counters.claimed > claimed) && !isStopped
    let left = try sightings()
    for sighting in left { logger.notice("\(sighting.name.shown): \(sighting.sentence)") }
    return left
  }

  private func warnOfRemoteFileSystem() {
    do throws(FileError) {
      let directory = board.directory
      guard try directory.isRemote() else { return }
      logger.warning(
        """
        \(directory.path) may be a network file system, which gives no events for what other \
        machines do; files are found every \(options.rescan) instead
        """)
    } catch {
      logger.warning("it is unknown whether the inbox gives events: \(error)")
    }
  }
}
