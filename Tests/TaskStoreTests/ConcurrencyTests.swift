import Dispatch
import GRDB
import PlayRows
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

@Suite struct ConcurrencyTests {
  @Test func `threads that write and read at once leave every task whole`() throws {
    let fixture = try StoreFixture()
    let errors = Mutex<[any Error]>([])
    let halves = Mutex(0)
    let store = fixture.store
    let directory = fixture.directory
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      do {
        if thread.isMultiple(of: 4) {
          let reader = try TaskReader.open(directory: directory.path)
          for _ in 1...40 {
            let half = try reader.read("count") { queries in try Self.halfTasks(queries) }
            halves.withLock { count in count += half }
          }
          try reader.close()
        } else {
          for number in 1...10 { try Self.load(thread * 100 + number, into: store) }
        }
      } catch {
        errors.withLock { errors in errors.append(error) }
      }
    }
    #expect(errors.withLock { errors in errors.isEmpty }, "\(errors.withLock { errors in errors })")
    #expect(halves.withLock { count in count } == 0)
    #expect(try store.counts() == [.done: 60])
    #expect(try fixture.plays().count == 60 * 60)
    #expect(try fixture.sql("PRAGMA integrity_check").first?[0] == "ok")
  }

  /// Takes one task all the way: 30 rows in each of two batches.
  private static func load(_ number: Int, into store: TaskStore) throws {
    let task = StoreFixture.id(number)
    let name = try #require(FileName("\(number).csv"))
    try store.add(
      [NewTask(taskID: task, rawName: name, sizeBytes: 1)], at: StoreFixture.time(number))
    try store.start(task, at: StoreFixture.time(number))
    let rows = (0..<30).map { PlayRow("song \($0)", "task \(number)", 1) }
    try store.appendBatch(
      task, run: 1, progress: StoreFixture.progress(30), rows: RowBlock(rows), rejects: [])
    _ = try store.finishIngest(
      task, summary: try StoreFixture.summary(rows, sha256: "\(task)"), rows: .batch(run: 2),
      of: RowBlock(rows), rejects: [], onDuplicate: .reuse, at: StoreFixture.time(number))
    try store.finish(
      task, as: .done, resultName: name, resultBytes: 1, resultSHA256: "",
      at: StoreFixture.time(number))
  }

  /// How many tasks show some of their rows and not all, in one snapshot.
  private static func halfTasks(_ queries: TaskQueries) throws -> Int {
    let rows = try Row.fetchAll(
      queries.database, sql: "SELECT count(*) AS n FROM plays GROUP BY task_id HAVING n != 60")
    return rows.count
  }
}
