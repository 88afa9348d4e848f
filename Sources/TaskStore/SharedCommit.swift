import Dispatch
import GRDB
import Synchronization

/// Lets the transactions of threads that come at the same time share one commit, and with it one
/// sync of the disk.
///
/// Whoever finds nobody behind it in the line to the writer commits for all that went before; the others
/// leave the transaction open and wait. So a thread that is alone commits at once, as if there were no
/// sharing, and nobody ever waits for company that may not come. Each change is a savepoint: one that
/// throws leaves no trace and does not disturb the others. What may end a transaction in SQLite
/// (a full disk, a failed write or sync) ends it for all who share it, and each is told so.
///
/// A round ends by itself: each of its members waits for the commit, so it has no more of them than the
/// process has threads.
final class SharedCommit: Sendable {
  /// The transactions that one commit makes durable.
  private final class Round: Sendable {
    private let failure = Mutex<(any Error)?>(nil)
    private let ended = DispatchGroup()

    init() { ended.enter() }

    func end(failure error: (any Error)?) {
      failure.withLock { $0 = error }
      ended.leave()
    }

    func wait() throws {
      ended.wait()
      if let error = failure.withLock({ $0 }) { throw error }
    }
  }

  private let line = Atomic(0)
  /// Changed by whoever has the writer, only.
  private let open = Mutex<Round?>(nil)

  /// How many have asked for the writer and do not have it yet.
  var waiting: Int { line.load(ordering: .sequentiallyConsistent) }

  var isOpen: Bool { open.withLock { $0 != nil } }

  /// Runs the body within a transaction of the writer; durable when this returns.
  func write<Result>(
    _ pool: DatabasePool, _ body: (Database) throws -> Result
  ) throws -> Result {
    line.add(1, ordering: .sequentiallyConsistent)
    let (result, round) = try pool.writeWithoutTransaction { database in
      line.subtract(1, ordering: .sequentiallyConsistent)
      return try join(database, body)
    }
    try round.wait()
    return result
  }

  /// Runs the body on the writer outside of any transaction, after what is open was committed.
  func alone<Result>(
    _ pool: DatabasePool, _ body: (Database) throws -> Result
  ) throws -> Result {
    try pool.writeWithoutTransaction { database in
      if let round = open.withLock({ $0 }) { end(round, database) }
      return try body(database)
    }
  }

  private func join<Result>(
    _ database: Database, _ body: (Database) throws -> Result
  ) throws -> (Result, Round) {
    let round = try begin(database)
    defer {
      if waiting == 0, database.isInsideTransaction {
        end(round, database)
      }
    }
    do {
      return (try inSavepoint(database, body), round)
    } catch {
      // SQLite may have rolled back everything: https://www.sqlite.org/lang_transaction.html,
      // "Response To Errors Within A Transaction".
      if !database.isInsideTransaction { close(round, failure: error) }
      throw error
    }
  }

  /// The open round, or a new one with its transaction.
  private func begin(_ database: Database) throws -> Round {
    if let round = open.withLock({ $0 }) { return round }
    try database.beginTransaction(.immediate)
    let round = Round()
    open.withLock { $0 = round }
    return round
  }

  private func inSavepoint<Result>(
    _ database: Database, _ body: (Database) throws -> Result
  ) throws -> Result {
    var result: Result?
    try database.inSavepoint {
      result = try body(database)
      return .commit
    }
    guard let result else { preconditionFailure("a body that does not throw gives a result") }
    return result
  }

  private func end(_ round: Round, _ database: Database) {
    do {
      try database.commit()
      close(round, failure: nil)
    } catch {
      close(round, failure: error)
      // A COMMIT that failed may leave the transaction open; it must not become that of others.
      do { try database.rollback() } catch {
        preconditionFailure("a transaction can neither be committed nor rolled back: \(error)")
      }
    }
  }

  private func close(_ round: Round, failure: (any Error)?) {
    open.withLock { $0 = nil }
    round.end(failure: failure)
  }
}
