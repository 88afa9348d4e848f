import Dispatch
import Foundation
import GRDB
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

/// Transactions that come at the same time share a commit, and nothing else.
@Suite struct SharedCommitTests {
  /// Runs the bodies on a thread each, all of them while another transaction is under way.
  ///
  /// - Returns: The errors, that of the other one first, and how often anything was committed.
  private func together(
    _ store: TaskStore, _ bodies: [@Sendable (TaskStore) throws -> Void]
  ) async throws -> (errors: [(any Error)?], commits: Int) {
    let counter = CommitCounter()
    counter.watch(store)
    let gate = DispatchSemaphore(value: 0)
    let errors = Mutex([(any Error)?](repeating: nil, count: bodies.count + 1))
    let ended = Atomic(0)
    let holding: @Sendable (TaskStore) throws -> Void = { store in
      try store.write("hold the writer") { _ in gate.wait() }
    }
    for (index, body) in ([holding] + bodies).enumerated() {
      Thread.detachNewThread {
        do { try body(store) } catch { errors.withLock { $0[index] = error } }
        ended.add(1, ordering: .acquiringAndReleasing)
      }
      if index == 0 { try await eventually("the writer is held") { store.isWriting } }
    }
    try await eventually("all are in line") { store.waitingToWrite == bodies.count }
    gate.signal()
    try await eventually("all have ended") {
      ended.load(ordering: .acquiring) == bodies.count + 1
    }
    return (errors.withLock(\.self), counter.commits)
  }

  private func adding(_ number: Int) -> @Sendable (TaskStore) throws -> Void {
    { store in
      let name = try #require(FileName("\(number).csv"))
      try store.add(
        [NewTask(taskID: StoreFixture.id(number), rawName: name, sizeBytes: 1)],
        at: StoreFixture.time(number))
    }
  }

  @Test func `those that wait at the same time are committed at once`() async throws {
    let fixture = try StoreFixture()
    let outcome = try await together(fixture.store, (1...20).map(adding))
    #expect(outcome.errors.allSatisfy { $0 == nil })
    // The one that held the writer, and all that came meanwhile.
    #expect(outcome.commits == 2)
    #expect(try fixture.count("manifest") == 20)
  }

  @Test func `one that fails leaves no trace and does not disturb the others`() async throws {
    let fixture = try StoreFixture()
    let failing: @Sendable (TaskStore) throws -> Void = { store in
      try store.write("fail half way") { transaction in
        try transaction.run("DELETE FROM manifest", [])
        throw StoreError.busy(path: "made up")
      }
    }
    let outcome = try await together(
      fixture.store, [adding(1), failing, adding(2), failing, adding(3)])
    #expect(outcome.errors.map { $0 != nil } == [false, false, true, false, true, false])
    #expect(try fixture.count("manifest") == 3)
    #expect(try fixture.count("events") == 3)
  }

  @Test func `a commit that fails is told to all that share it, and the next ones succeed`()
    async throws
  {
    let fixture = try StoreFixture()
    // The reference to a task that does not exist is found by the commit, not before.
    let dangling: @Sendable (TaskStore) throws -> Void = { store in
      try store.write("refer to nothing") { transaction in
        try transaction.run("PRAGMA defer_foreign_keys = ON", [])
        try transaction.addEvent("made up", to: 4711, at: StoreFixture.time(0))
      }
    }
    let outcome = try await together(fixture.store, [adding(1), dangling, adding(2)])
    #expect(outcome.errors.map { $0 is StoreError } == [false, true, true, true])
    #expect(outcome.commits == 1)
    #expect(try fixture.count("manifest") == 0)
    try adding(1)(fixture.store)
    #expect(try fixture.count("manifest") == 1)
    #expect(try fixture.sql("PRAGMA integrity_check").first?[0] == "ok")
  }

  @Test func `what ends the whole transaction is told to all that share it`() async throws {
    let fixture = try StoreFixture()
    // As SQLite itself does where the disk is full or a write fails.
    let ending: @Sendable (TaskStore) throws -> Void = { store in
      try store.write("end all") { transaction in _ = try transaction.run("ROLLBACK", []) }
    }
    let outcome = try await together(fixture.store, [adding(1), adding(2), ending])
    #expect(outcome.errors.map { $0 != nil } == [false, true, true, true])
    #expect(try fixture.count("manifest") == 0)
    try adding(1)(fixture.store)
    #expect(try fixture.count("manifest") == 1)
  }

  @Test func `a checkpoint waits its turn`() async throws {
    let fixture = try StoreFixture()
    let ready = Mutex<(frames: Int, copied: Int)?>(nil)
    let checkpoint: @Sendable (TaskStore) throws -> Void = { store in
      // In line as the others, so that the checkpoint comes when they are through.
      try store.write("come first") { _ in }
      let result = try store.checkpoint(.truncate)
      ready.withLock { $0 = result }
    }
    let outcome = try await together(fixture.store, [adding(1), checkpoint, adding(2), checkpoint])
    #expect(outcome.errors.allSatisfy { $0 == nil })
    #expect(ready.withLock { $0?.frames } == 0)
    #expect(try fixture.count("manifest") == 2)
  }
}

/// Counts the commits of a connection; used on its queue, and read when nothing is written.
private final class CommitCounter: TransactionObserver, Sendable {
  private let count = Atomic(0)

  var commits: Int { count.load(ordering: .acquiring) }

  func watch(_ store: TaskStore) {
    store.pool.add(transactionObserver: self)
  }

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseDidCommit(_ database: Database) { count.add(1, ordering: .releasing) }
  func databaseDidRollback(_ database: Database) {}
}
