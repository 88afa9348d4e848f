import GRDB
import Synchronization

// The contract of this module: the only door to the database `watchd.db` of a state directory.
//
// It promises
// - that each operation is one transaction, durable (synchronous=FULL) when the call returns, and without
//   any trace when it throws; but taking rows out again is many, each bounded, so that the log is, and
//   one that throws half way is to be repeated (`requeue`, `fail`);
// - that `plays` shows all rows of a done task and no row of any other, at every moment and to every
//   reader, whatever was killed whenever: rows lie unseen until the status, in the manifest, says done;
// - that the same content counts once: the fingerprint is taken in the transaction that ends the
//   reading, and given up in the one that takes the last rows out and changes the status;
// - that a task changes its status only as `TaskStatus.successors` has it.
// It does not promise to keep the outbox in step (the caller publishes between
// `finishIngest` and `finish`), or to stand two daemons on one directory (the caller holds a lock).
//
// One connection writes and checkpoints: the pool's writer. libsqlite3 from 3.7.0 to 3.51.2 can lose
// commits when one connection checkpoints while another one writes (https://www.sqlite.org/wal.html,
// "The WAL-Reset Bug"); with a single one the race has no second party. The price: all writes wait for
// each other, so each must be short, a batch of rows at most. Those that come at the same time share a
// commit (`SharedCommit`).
//
// Nothing here opens, reads or copies the database file but through SQLite: closing any descriptor
// of the file would drop SQLite's own locks on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
//
// Every function blocks its thread (disk, locks, fsync) and belongs on a worker thread, never on
// Swift's cooperative pool. All are safe to call from any number of threads at once.

/// The daemon's database: everything that changes a task, and all that `TaskReading` can ask.
package final class TaskStore: Sendable {
  let pool: DatabasePool
  /// The database file.
  package let path: String
  private let commits: SharedCommit
  private let listener: CommitListener
  private let log: SQLiteLogName
  private let logBound: LogBound

  init(pool: DatabasePool, path: String, logBound: Int64) {
    self.pool = pool
    self.path = path
    self.logBound = LogBound(bytes: logBound)
    let ranges = RowRanges()
    let log = SQLiteLogName(database: path)
    let listener = CommitListener()
    self.listener = listener
    self.log = log
    commits = SharedCommit(
      begin: { database in
        try SQLiteFile.requireUnmoved(database, path: path)
        try log.requireUnmoved()
        try ranges.mend(in: database, path: path)
      }, committed: { listener.call() })
  }

  /// Has a body called after each commit from now on, on the thread that made it: it must be brief, and must not ask
  /// the store anything.
  package func onCommit(_ body: @escaping @Sendable () -> Void) { listener.set(body) }

  /// How far a checkpoint goes.
  package enum CheckpointMode: Sendable {
    /// Copies what no reader holds back; never waits.
    case passive
    /// Waits for readers (at most the busy timeout), copies all and empties the WAL file.
    case truncate
  }

  /// Copies committed pages from the WAL into the database.
  ///
  /// - Returns: Pages in the WAL, and how many of them are in the database now. Both are 0 after a
  ///   `truncate`, and `copied` is less than `frames` where a reader holds some back.
  /// - Throws: `busy` where a reader outlasts the busy timeout (only for `truncate`).
  package func checkpoint(
    _ mode: CheckpointMode
  ) throws(StoreError) -> (frames: Int, copied: Int) {
    try StoreError.wrapping("checkpoint", path: path) {
      let result = try pool.writeWithoutTransaction { database in
        try database.checkpoint(mode == .passive ? .passive : .truncate)
      }
      return (result.walFrameCount, result.checkpointedFrameCount)
    }
  }

  /// Checkpoints and closes; every later call throws.
  ///
  /// A reader in another process may hold the checkpoint back, or the disk may refuse it; the commits then stay in the WAL,
  /// where the next opening finds them, so that is no reason not to close.
  ///
  /// - Returns: What refused it; nil where nothing did but a reader.
  @discardableResult
  package func close() throws(StoreError) -> StoreError? {
    var refusal: StoreError?
    do throws(StoreError) {
      _ = try checkpoint(.truncate)
    } catch .busy {
      // As said above.
    } catch {
      refusal = error
    }
    try StoreError.wrapping("close", path: path) { try pool.close() }
    return refusal
  }

  /// How many threads wait to write.
  var waitingToWrite: Int { commits.waiting }
  /// Whether some thread is writing.
  var isWriting: Bool { commits.isLed }

  /// One transaction on the writer: durable where the body returns, rolled back where it throws.
  func write<Result>(
    _ operation: String, _ body: (StoreTransaction) throws -> Result
  ) throws(StoreError) -> Result {
    do throws(StoreError) {
      let result = try StoreError.wrapping(operation, path: path) {
        try commits.write(pool) { database in
          try body(StoreTransaction(database: database, path: path))
        }
      }
      if logBound.isReached(by: log.size) {
        pool.writeWithoutTransaction { database in
          SQLiteWAL.empty(database, patience: LogBound.patience)
        }
      }
      return result
    } catch .logMoved(let path) {
      // Only our descriptor has the log: a kill would take with it what was committed. With another one under its
      // name somebody else may write by the same index, and pages of two logs must not be mixed.
      if log.isGone { _ = try checkpoint(.passive) }
      throw .logMoved(path: path)
    }
  }
}

/// Who is told that something was committed.
private final class CommitListener: Sendable {
  private let body = Mutex<(@Sendable () -> Void)?>(nil)

  func set(_ new: @escaping @Sendable () -> Void) { body.withLock { $0 = new } }
  func call() { body.withLock(\.self)?() }
}
