import Dispatch
import GRDB
import Synchronization

/// Lets the transactions of threads that come at the same time share one commit, and with it one
/// sync of the disk.
///
/// The first in line runs what all of them want, in their order, commits, and wakes them; whoever came
/// meanwhile is the next in line. So a thread that is alone commits at once, as if there were no sharing,
/// and nobody waits for company that may not come. It is one thread that runs them because each hand-over
/// from thread to thread would cost a wake-up, with the writer idle.
///
/// Each change is a savepoint: one that throws leaves no trace and does not disturb the others. What may
/// end a transaction in SQLite (a full disk, a failed write or sync) ends it for all who share it, and
/// each is told so.
final class SharedCommit: Sendable {
  /// One thread's change, in line.
  ///
  /// Why it may go to another thread: its owner sleeps from the moment it is in line until it is woken, and
  /// the lock of the line and the semaphore order what each of them does with it.
  private final class Change: @unchecked Sendable {
    /// Nil once it ran, for it must not outlive its owner's call.
    var body: ((Database) throws -> Void)?
    var failure: (any Error)?
    var isLeader = false
    let woken = DispatchSemaphore(value: 0)

    init(_ body: @escaping (Database) throws -> Void) { self.body = body }
  }

  private struct Line {
    var changes: [Change] = []
    var isLed = false
  }

  private let line = Mutex(Line())
  /// Called at the beginning of each transaction, before any change.
  private let begin: @Sendable (Database) throws -> Void

  /// Called after each commit.
  private let committed: @Sendable () -> Void

  init(
    begin: @escaping @Sendable (Database) throws -> Void = { _ in },
    committed: @escaping @Sendable () -> Void = {}
  ) {
    self.begin = begin
    self.committed = committed
  }

  /// How many are in line behind those that are being committed.
  var waiting: Int { line.withLock { $0.changes.count } }
  var isLed: Bool { line.withLock { $0.isLed } }

  /// Runs the body within a transaction of the writer; durable when this returns.
  func write<Result>(
    _ pool: DatabasePool, _ body: (Database) throws -> Result
  ) throws -> Result {
    var result: Result?
    let failure = withoutActuallyEscaping(body) { body in
      let change = Change { database in result = try body(database) }
      wait(for: change, pool)
      return change.failure
    }
    if let failure { throw failure }
    guard let result else { preconditionFailure("a change that did not fail gave a result") }
    return result
  }

  private func wait(for change: Change, _ pool: DatabasePool) {
    let leadsAtOnce = line.withLock { line in
      line.changes.append(change)
      change.isLeader = !line.isLed
      defer { line.isLed = true }
      return change.isLeader
    }
    if !leadsAtOnce { change.woken.wait() }
    guard change.isLeader else { return }
    pool.writeWithoutTransaction { database in
      let changes = line.withLock { line in
        defer { line.changes.removeAll() }
        return line.changes
      }
      commit(changes, database)
      for other in changes where other !== change { other.woken.signal() }
    }
    handOver()
  }

  /// Makes the first in line the leader, if there is one.
  private func handOver() {
    let next = line.withLock { line in
      line.isLed = !line.changes.isEmpty
      line.changes.first?.isLeader = true
      return line.changes.first
    }
    next?.woken.signal()
  }

  private func commit(_ changes: [Change], _ database: Database) {
    do {
      try database.beginTransaction(.immediate)
      try begin(database)
      for change in changes { try run(change, database) }
      try database.commit()
      committed()
    } catch {
      for change in changes {
        change.failure = change.failure ?? error
        change.body = nil
      }
      // A COMMIT that failed may leave the transaction open; it must not become that of others.
      do { try database.rollback() } catch {
        preconditionFailure("a transaction can neither be committed nor rolled back: \(error)")
      }
    }
  }

  /// - Throws: What ended the transaction; the change's own failure is noted in it.
  private func run(_ change: Change, _ database: Database) throws {
    do {
      try database.inSavepoint {
        try change.body?(database)
        return .commit
      }
    } catch {
      change.failure = error
      // SQLite may have rolled back everything: https://www.sqlite.org/lang_transaction.html,
      // "Response To Errors Within A Transaction".
      if !database.isInsideTransaction { throw error }
    }
    change.body = nil
  }
}
