import Foundation
import GRDB
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

/// What a task gives up for its age, and what it keeps.
@Suite struct RetentionTests {
  private let fixture: StoreFixture

  init() throws {
    fixture = try StoreFixture()
  }

  /// Later than every end of the fixture.
  private static let cutoff = StoreFixture.time(1)

  private static func rows(_ count: Int, _ song: String = "a") -> [PlayRow] {
    (0..<count).map { PlayRow(song, "d\($0)", 1) }
  }

  @discardableResult
  private func prune(_ tasks: [TaskID], before cutoff: Timestamp = cutoff) throws -> [TaskID] {
    var (rest, gone) = (tasks, [TaskID]())
    while !rest.isEmpty {
      let pruned = try fixture.store.prune(rest, endedBefore: cutoff, at: StoreFixture.time(9))
      gone += pruned.tasks
      rest = pruned.rest
    }
    return gone
  }

  @Test func `rows, rejects and events go, the manifest and the fingerprint stay`() throws {
    let old = try fixture.done(1, [PlayRow("a", "d", 3)], sha256: String(repeating: "a", count: 64))
    let failed = try fixture.started(2)
    try fixture.fail(failed)
    try fixture.done(3, [PlayRow("a", "d", 40)])
    let pruned = try fixture.store.prune(
      [old, failed], endedBefore: Self.cutoff, at: StoreFixture.time(9))
    #expect(pruned.tasks == [old, failed])
    #expect(pruned.rows == 1)
    #expect(try fixture.plays() == [PlayRow("a", "d", 40)])
    #expect(try fixture.count("play_rows") == 1)
    #expect(try fixture.store.events(of: old) == [])
    #expect(try fixture.store.events(of: failed) == [])
    #expect(try fixture.count("manifest") == 3)
    let task = try #require(try fixture.store.task(old))
    #expect(task.record.status == .done)
    #expect(task.prunedAt == StoreFixture.time(9))
    #expect(try fixture.count("fingerprints") == 2)
    // The same bytes still are the same bytes, and count no second time.
    let again = try fixture.started(4)
    let outcome = try fixture.ingested(
      [PlayRow("a", "d", 3)], by: again, sha256: String(repeating: "a", count: 64))
    #expect(outcome == .duplicate(of: old))
  }

  @Test func `all rows of a large task are unseen with the first commit`() throws {
    let count = StoreTransaction.rowsPerChunk + 10
    let large = try fixture.done(1, Self.rows(count))
    try fixture.done(2, Self.rows(2, "b"))
    let events = try fixture.store.events(of: large).count
    try prune([large])
    // As a kill leaves it: some rows are still there, and no view shows them. Its events took of the room.
    #expect(try fixture.count("play_rows") == 12 + events)
    #expect(try fixture.plays() == Self.rows(2, "b"))
    try fixture.store.removeLeftovers()
    #expect(try fixture.count("play_rows") == 2)
    #expect(try fixture.plays() == Self.rows(2, "b"))
  }

  @Test func `however many tasks are given, one transaction takes out a bounded number of rows`()
    throws
  {
    let most = StoreTransaction.rowsPerChunk
    // With the third the bound is reached; the events of the fourth would be beyond it.
    var tasks = try (1...4).map { try fixture.done($0, Self.rows(most / 5 * 2)) }
    func left() throws -> Int {
      try fixture.count("play_rows") + fixture.count("reject_rows") + fixture.count("event_rows")
    }
    var before = try left()
    var large: [TaskID] = []
    while !tasks.isEmpty {
      let pruned = try fixture.store.prune(
        tasks, endedBefore: Self.cutoff, at: StoreFixture.time(9))
      #expect(!pruned.tasks.isEmpty)
      #expect(pruned.tasks + pruned.rest == tasks)
      let after = try left()
      #expect(before - after <= most)
      large += pruned.large
      (tasks, before) = (pruned.rest, after)
    }
    // What one transaction had no room for is unseen, and marked until it is gone.
    #expect(large.count == 1)
    #expect(try fixture.plays() == [])
    #expect(try fixture.count("leftovers") == 1)
    try fixture.store.removeLeftovers {
      do {
        let after = try left()
        #expect(before - after <= most)
        before = after
      } catch {
        Issue.record(error)
      }
    }
    #expect(try left() == 0)
    #expect(try fixture.count("leftovers") == 0)
  }

  @Test func `what has not ended, or not long ago, stays`() throws {
    let queued = try fixture.added(1)
    let running = try fixture.started(2)
    let done = try fixture.done(3, Self.rows(1))
    #expect(try prune([queued, running]) == [])
    #expect(try prune([done], before: StoreFixture.time(0)) == [])
    #expect(try prune([done]) == [done])
    #expect(try prune([done]) == [])
    #expect(
      try fixture.store.kept(endedBefore: Self.cutoff, after: .start, limit: 9) == [])
  }

  @Test func `old tasks are listed page by page, each once`() throws {
    let tasks = try (1...5).map { try fixture.done($0, Self.rows(1)) }
    try fixture.added(6)
    var place = RetentionPlace.start
    var seen: [TaskID] = []
    while let task = try fixture.store.kept(endedBefore: Self.cutoff, after: place, limit: 2).last {
      seen += try fixture.store.kept(endedBefore: Self.cutoff, after: place, limit: 2)
        .map(\.record.taskID)
      place = RetentionPlace(of: task)
    }
    #expect(seen == tasks)
    let plan = try fixture.sql(
      """
      EXPLAIN QUERY PLAN SELECT * FROM manifest
      WHERE pruned_at IS NULL AND finished_at IS NOT NULL AND finished_at < 'x'
        AND (finished_at, id) > ('', 0) ORDER BY finished_at, id LIMIT 1
      """
    ).map { $0["detail"] as String }.joined(separator: "\n")
    #expect(plan.contains("INDEX manifest_kept") && !plan.contains("TEMP B-TREE"), "\(plan)")
  }

  @Test func `a task that gave up its rows can be forgotten and tried again`() throws {
    let done = try fixture.done(1, Self.rows(1), sha256: String(repeating: "a", count: 64))
    try prune([done])
    try fixture.store.forget(done, at: StoreFixture.time(10))
    #expect(try fixture.count("fingerprints") == 0)
    #expect(try fixture.store.task(done)?.prunedAt == nil)
    try fixture.store.requeue(done, reason: "a person asked for it", at: StoreFixture.time(11))
    #expect(try fixture.store.task(done)?.record.status == .queued)
  }

  @Test func `space is given back, and rows keep their ids`() throws {
    var old: [TaskID] = []
    for number in 1...3 { old.append(try fixture.done(number, Self.rows(40_000))) }
    let kept = try fixture.done(4, Self.rows(1000, "kept"))
    _ = try fixture.store.checkpoint(.truncate)
    func size() throws -> Int {
      try #require(
        try FileManager.default.attributesOfItem(atPath: fixture.path)[.size] as? Int)
    }
    let full = try size()
    let ids = try fixture.sql(
      "SELECT min(rowid) AS first, max(rowid) AS last FROM play_rows WHERE task = 4")
    try prune(old)
    try fixture.store.removeLeftovers()
    var freed: Int64 = 0
    while case let bytes = try fixture.store.giveBackSpace(), bytes > 0 { freed += bytes }
    _ = try fixture.store.checkpoint(.truncate)
    #expect(freed > 1_000_000)
    #expect(try size() == full - Int(freed))
    #expect(
      try fixture.sql(
        "SELECT min(rowid) AS first, max(rowid) AS last FROM play_rows WHERE task = 4")
        == ids)
    #expect(try fixture.sql("PRAGMA freelist_count").first?[0] == 0)
    #expect(try fixture.sql("PRAGMA integrity_check").first?[0] == "ok")
    #expect(try fixture.plays().count == 1000)
    #expect(try fixture.store.task(kept)?.prunedAt == nil)
  }

  @Test func `a database that was made without it is left as long as it is`() throws {
    var random = SystemRandomNumberGenerator()
    let directory = try TemporaryDirectory()
    let queue = try DatabaseQueue(path: directory.path(of: "watchd.db"))
    try Schema.migrator.migrate(queue)
    try queue.close()
    let store = try TaskStore.open(directory: directory.path)
    #expect(try store.pragmas()["auto_vacuum"] == "0")
    #expect(try store.giveBackSpace() == 0)
    #expect(try !store.health().givesSpaceBack)
    #expect(try fixture.store.health().givesSpaceBack)
    // What doctor names as the remedy, by another program, with the daemon down.
    let task = TaskID(milliseconds: 1, random: &random)
    try store.add(
      [NewTask(taskID: task, rawName: try #require(FileName("a.csv")), sizeBytes: 1)],
      at: StoreFixture.time(0))
    try store.close()
    let other = try DatabaseQueue(path: directory.path(of: "watchd.db"))
    try other.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
    }
    try other.close()
    let again = try TaskStore.open(directory: directory.path)
    #expect(try again.health().givesSpaceBack)
    #expect(try again.task(task) != nil)
    try again.close()
  }
}
