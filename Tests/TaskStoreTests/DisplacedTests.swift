import Foundation
import Glibc
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

/// Another file has the database's name for a while.
@Suite struct DisplacedTests {
  private typealias Answer = Result<[TaskStatus: Int], any Error>

  /// What so many hear who ask at one time, so that each has a connection of its own; none after one who is refused.
  private static func ask(_ store: TaskStore, _ count: Int) -> [Answer] {
    guard count > 0 else { return [] }
    var others: [Answer] = []
    let answer = Result {
      try store.read("ask") { queries in
        others = onThread { ask(store, count - 1) }
        return try queries.counts()
      }
    }
    return [answer.mapError { $0 }] + others
  }

  private static func onThread(_ body: @escaping @Sendable () -> [Answer]) -> [Answer] {
    let result = Mutex<[Answer]>([])
    let ended = DispatchSemaphore(value: 0)
    Thread {
      let answers = body()
      result.withLock { $0 = answers }
      ended.signal()
    }.start()
    ended.wait()
    return result.withLock { $0 }
  }

  @Test func `it is never read for the database, nor once that has its name again`() throws {
    let (fixture, other) = (try StoreFixture(), try StoreFixture())
    try fixture.done(1, [PlayRow("a", "d", 1)])
    try other.store.close()
    // What lies in the log is read from there, whatever the database is.
    _ = try fixture.store.checkpoint(.truncate)
    let kept = fixture.directory.path(of: "kept")
    try FileManager.default.linkItem(atPath: fixture.path, toPath: kept)
    // rename(2) replaces what has the name, and keeps neither path.
    try #require(unsafe rename(other.path, fixture.path) == 0)
    for answer in Self.ask(fixture.store, 5) {
      switch answer {
      case .success(let counts): #expect(counts == [.done: 1])
      case .failure(let error): #expect(error as? StoreError == .moved(path: fixture.path))
      }
    }
    try #require(unsafe rename(kept, fixture.path) == 0)
    for answer in Self.ask(fixture.store, 5) { #expect(try answer.get() == [.done: 1]) }
    try fixture.store.close()
  }
}
