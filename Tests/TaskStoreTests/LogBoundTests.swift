import Dispatch
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import TaskStore

@Suite struct LogBoundTests {
  private static let bound: Int64 = 4 << 20

  /// Writes a megabyte a commit.
  private func write(_ commits: Int, into fixture: StoreFixture) throws -> [Int64] {
    let path = fixture.path + "-wal"
    _ = try fixture.store.write("make a table") { transaction in
      try transaction.run("CREATE TABLE IF NOT EXISTS filler (bytes BLOB)", [])
    }
    return try (1...commits).map { _ in
      _ = try fixture.store.write("fill") { transaction in
        try transaction.run("INSERT INTO filler VALUES (zeroblob(1048576))", [])
      }
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
      return try #require(size).int64Value
    }
  }

  private func reader(of fixture: StoreFixture) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.allowsUnsafeTransactions = true
    return try DatabaseQueue(path: fixture.path, configuration: configuration)
  }

  private static func begin(_ reader: DatabaseQueue) throws {
    try reader.inDatabase { database in
      try database.execute(sql: "BEGIN")
      _ = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM manifest")
    }
  }

  private static func end(_ reader: DatabaseQueue) throws {
    try reader.inDatabase { database in try database.execute(sql: "COMMIT") }
  }

  @Test func `readers of whom one always reads do not make the log grow for ever`() throws {
    let fixture = try StoreFixture(logBound: Self.bound)
    let (first, second) = (try reader(of: fixture), try reader(of: fixture))
    let isOver = Atomic(false)
    let turns = Mutex<Result<Int, any Error>>(.success(0))
    let thread = DispatchGroup()
    try Self.begin(first)
    DispatchQueue.global().async(group: thread) {
      turns.withLock { turns in
        turns = Result {
          var (reading, resting) = (first, second)
          var count = 0
          while !isOver.load(ordering: .acquiring) {
            try Self.begin(resting)
            try Self.end(reading)
            swap(&reading, &resting)
            count += 1
          }
          try Self.end(reading)
          return count
        }
      }
    }
    let sizes = try write(60, into: fixture)
    isOver.store(true, ordering: .releasing)
    thread.wait()
    #expect(try turns.withLock { try $0.get() } > 1)
    #expect(try #require(sizes.max()) < 3 * Self.bound, "\(sizes)")
  }

  @Test func `a reader that does not end stops no writer, and the log is emptied after it`() throws
  {
    let fixture = try StoreFixture(logBound: Self.bound)
    let reader = try reader(of: fixture)
    try Self.begin(reader)
    #expect(try #require(write(20, into: fixture).last) > 4 * Self.bound)
    try Self.end(reader)
    let sizes = try write(20, into: fixture)
    #expect(try #require(sizes.min()) < Self.bound, "\(sizes)")
    #expect(try #require(sizes.last) < 2 * Self.bound, "\(sizes)")
    #expect(try fixture.store.pragmas()["busy_timeout"] == "5000")
  }
}
