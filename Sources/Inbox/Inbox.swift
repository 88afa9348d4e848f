package import Files
package import Logging
import Synchronization
import TaskModel

// Takes whole files out of the inbox.
//
// Promises: each file that comes to lie in the inbox under a name of ours, in whatever way and
// whether or not we ran at that time, is taken once, when it is whole; it is then in
// state/work/TASK, durably, and `record` has been called with it. A file that somebody has open for
// writing is not taken. What is not a regular file is never opened, what is not ours never touched,
// and nothing in the inbox is ever replaced. Every entry that is not taken has a sentence that says
// why.
//
// How: events are hints, the directory is the truth. The watch (one thread) turns events into names
// to look at; whatever loses events, be it an overflow, a restart, a moved directory or a network
// file system, leads to the one scan, which also runs now and then. A look gives a `Verdict` (see
// Candidate); a file is taken by a rename, which is believed only after a second look (see
// Claimer). Claims are made durable and recorded in batches.
//
// What goes wrong with one file or for a while (no right, too many open files, a listing that
// breaks off) is said once and tried again after `rescan`. A sync that fails is not tried again: what it should have held is
// undone and done anew. Only a state directory in which the watch cannot be woken ends `run`.
//
// Not promised: that a file without an open writer is complete in its sender's eyes (a sender that
// was killed leaves a half file closed; only the rename convention tells). Order is by name within
// one look. The cost: a file that is not renamed in is taken `settle` after its last change, one
// whose event was lost `rescan` later at the latest; one inbox a process, for the library has one
// queue.

/// How the inbox waits.
package struct InboxOptions: Sendable {
  /// How long a file that was not renamed in holds still before it is taken.
  package var settle = Duration.milliseconds(500)
  /// How often the whole inbox is looked through, and what failed is tried again.
  package var rescan = Duration.seconds(10)
  /// How many files are recorded at once, at most.
  package var maximumBatch = 256
  /// How many names that have to wait are kept in memory, at most; what else lies there a scan finds.
  package var mostRemembered = 65_536
  /// Throws where nothing is to be taken for now; asked before each file.
  package var requireSpace: @Sendable () throws -> Void = {}
  /// Throws where those who work on what is recorded have enough for now; asked before each file.
  ///
  /// Who makes room calls `lookAgain`.
  package var requireRoom: @Sendable () throws -> Void = {}
  /// Whether a batch that could not be recorded is kept and tried again; `drain` throws instead.
  var retriesRecording = true

  package init() {}
}

/// The drop folder; blocks the threads that call it, so it is given threads of its own.
package final class Inbox: Sendable {
  let work: Directory
  let wake: Directory
  let logger: Logger
  let record: @Sendable ([ClaimedFile]) throws -> Void
  let onReady: @Sendable () -> Void
  let board: Board
  private let currentOptions: Mutex<InboxOptions>
  let mailbox = Mailbox()
  let pulse = Pulse()
  let copies = UnfinishedCopies()
  let stopped = Atomic<Bool>(false)
  /// Folders of files that were taken and have no row, which cannot be looked at, and why.
  let unrecovered = Mutex<[TaskID: String]>([:])
  let interposed: Interposed

  /// Where a test steps in; does nothing else.
  struct Interposed: Sendable {
    /// On the watch's thread, before each read of the queue.
    var beforeReading: @Sendable () -> Void = {}
    /// Between the copying of a file and the check that it did not change meanwhile.
    var afterCopying: @Sendable (FileName) -> Void = { _ in }
  }

  /// - Parameters:
  ///   - directory: The inbox.
  ///   - work: `state/work`.
  ///   - wake: `state`, where the file lies by which the watch is woken.
  ///   - options: How it waits.
  ///   - logger: For what goes wrong and by itself right again.
  ///   - onReady: Called once a run, when the watch is armed and the first scan is done, or was
  ///     tried in vain and is owed.
  ///   - record: Called on the thread of `run` or `drain`; the manifest's rows are durable when it
  ///     returns. After it threw it is called again with the same files: it takes each id once.
  package convenience init(
    directory: Directory, work: Directory, wake: Directory,
    options: InboxOptions = InboxOptions(), logger: Logger,
    onReady: @escaping @Sendable () -> Void = {},
    record: @escaping @Sendable ([ClaimedFile]) throws -> Void
  ) {
    self.init(
      directory: directory, work: work, wake: wake, options: options, logger: logger,
      onReady: onReady, interposed: Interposed(), record: record)
  }

  init(
    directory: Directory, work: Directory, wake: Directory, options: InboxOptions, logger: Logger,
    onReady: @escaping @Sendable () -> Void, interposed: Interposed,
    record: @escaping @Sendable ([ClaimedFile]) throws -> Void
  ) {
    board = Board(directory: directory)
    self.work = work
    self.wake = wake
    currentOptions = Mutex(options)
    self.logger = logger
    self.record = record
    self.onReady = onReady
    self.interposed = interposed
    Leases.prepareProcess()
    InotifyLibrary.prepareProcess()
  }

  var options: InboxOptions { currentOptions.withLock { $0 } }

  /// Waits otherwise from now on; from any thread.
  package func use(_ options: InboxOptions) {
    currentOptions.withLock { $0 = options }
    mailbox.wake()
  }

  /// Has it look whether it may go on; from any thread.
  package func lookAgain() { mailbox.wake() }

  /// Ends `run` or `drain` soon; from any thread.
  package func stop() {
    stopped.store(true, ordering: .releasing)
    mailbox.wake()
  }

  /// Every entry that lies in the inbox now, and why it is not taken; from any thread.
  package func sightings() throws -> [Sighting] { try board.sightings() }

  /// How it did so far; from any thread.
  package var counters: InboxCounters { board.counters }

  /// What lies there and was looked at, and since when; from any thread.
  package var waiting: InboxWaiting { board.waiting }

  /// Why no file is taken, whichever it is; nil where files are; from any thread.
  package var hindrance: String? { board.hindrance }

  /// How many files that were taken and have no row can still not be looked at; the next start will.
  package var leftByRecovery: Int { unrecovered.withLock { $0.count } }

  /// Whether its thread moves: each look at a file is a step, and each piece of one that is copied.
  package var movement: Pulse.State { pulse.state }

  /// What is wanting, space or room in the queue, so that nothing is taken; nil where files are.
  package var shortage: String? { board.shortage }

  var isStopped: Bool { stopped.load(ordering: .acquiring) }

  var claimer: Claimer {
    Claimer(
      inbox: board.directory, work: work, logger: logger, afterCopying: interposed.afterCopying,
      isStopped: { [self] in steps() })
  }

  /// Asked between two steps of the thread; whether it is to end.
  private func steps() -> Bool {
    pulse.step()
    return isStopped
  }

  func makeIntake(options: InboxOptions) -> Intake {
    Intake(
      claimer: claimer, board: board, copies: copies, options: options, logger: logger,
      record: record, recoverLeft: { [self] in recoverLeft() },
      isStopped: { [self] in steps() })
  }
}
