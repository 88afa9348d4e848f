import Files
import Foundation
import GRDB
import Inbox
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

/// What a person can have done with a task: cancel, forget, retry.
struct CommandTests {
  private static func songs(_ count: Int) -> String {
    csv() + (0..<count).map { "A song with quite a long title \($0),d,\($0 % 9)\n" }.joined()
  }

  @Test func `a queued task that is cancelled is never begun, and its file is in the archive`()
    async throws
  {
    let place = try Workplace()
    let claim = try place.claim(csv("a,d,1"))
    let pipeline = place.pipeline()
    try pipeline.record([claim])
    try pipeline.cancel(claim.taskID)
    pipeline.close()
    try await pipeline.runWorkers()
    #expect(try place.task(claim.taskID).status == .cancelled)
    #expect(try place.outbox() == [])
    #expect(try place.work() == [])
    #expect(try place.archive() == ["\(claim.taskID)"])
  }

  @Test func `a running task is cancelled in the middle, and nothing of it is left`() async throws {
    var place = try Workplace([.memory: "1MiB", .workers: "1"])
    place.limits = IngestLimits(members: 2, pieceSize: 10_000, sizeForMembers: 0)
    let claim = try place.claim(Self.songs(60_000))
    let pipeline = place.pipeline(mostAttempts: nil)
    try pipeline.record([claim])
    pipeline.close()
    async let working: Void = pipeline.runWorkers()
    try await eventually("rows are in the database") { try place.count("play_rows") > 0 }
    let (store, folders) = (place.store, place.folders)
    try await onThread(named: "cancel") {
      // It may be through already: then there is nothing to cancel, and the test's point is lost.
      try pipeline.cancel(claim.taskID)
    }
    try await working
    _ = (store, folders)
    #expect(try place.task(claim.taskID).status == .cancelled)
    #expect(try place.task(claim.taskID).rowsRead == 0)
    #expect(try place.totals() == [])
    try pipeline.removeLeftovers()
    #expect(try place.count("play_rows") == 0)
    #expect(try place.store.resumePoint(of: claim.taskID) == nil)
    #expect(try place.outbox() == [])
    #expect(try place.work() == [])
    #expect(try place.texts("PRAGMA integrity_check") == ["ok"])
    // The same bytes may come again.
    let again = try await place.process(Self.songs(60_000), as: "again.csv")
    #expect(again.status == .done)
  }

  @Test func `a task that stands in the queue twice is worked on by one worker`() async throws {
    var place = try Workplace([.memory: "1MiB", .workers: "4"])
    place.limits = IngestLimits(members: 1, pieceSize: 10_000, sizeForMembers: 1 << 40)
    let claim = try place.claim(Self.songs(40_000))
    let pipeline = place.pipeline(mostAttempts: nil)
    try pipeline.record([claim])
    // Cancelled in the queue, and tried again: the first entry is still there.
    for _ in 1...3 {
      try pipeline.cancel(claim.taskID)
      try pipeline.retry(claim.taskID, replacement: nil)
    }
    pipeline.close()
    try await pipeline.runWorkers()
    let whole = try Workplace()
    _ = try await whole.process(Self.songs(40_000))
    #expect(try place.task(claim.taskID).status == .done)
    #expect(try place.task(claim.taskID).attempts == 1)
    #expect(try place.bytes("plays.csv") == whole.bytes("plays.csv"))
    #expect(try place.totals() == whole.totals())
    try place.expectSound()
  }

  @Test func `what an attempt had published is taken back when its task is cancelled`() async throws
  {
    let place = try Workplace()
    let done = try await place.process(csv("a,d,1"))
    // As a kill between the publication and the last commit leaves it.
    let pool = try #require(place.store.readable as? DatabasePool)
    try await pool.write { database in
      try database.execute(
        sql: "UPDATE manifest SET status = 'running', phase = 'publishing', finished_at = NULL")
    }
    try place.store.requeue(done.taskID, reason: "a test", at: .now())
    #expect(try place.outbox() == ["plays.csv", "plays.csv.receipt.json"])
    try place.pipeline().cancel(done.taskID)
    #expect(try place.outbox() == [])
    #expect(try place.task(done.taskID).status == .cancelled)
  }

  @Test func `forgetting takes exactly that task's rows out, and the same bytes count again later`()
    async throws
  {
    let place = try Workplace()
    let first = try await place.process(csv("a,d,1", "b,d,2"), as: "first.csv")
    _ = try await place.process(csv("a,d,10"), as: "second.csv")
    let pipeline = place.pipeline()
    try pipeline.forget(first.taskID)
    #expect(try place.totals() == ["a,d,10"])
    try pipeline.removeLeftovers()
    #expect(try place.count("play_rows") == 1)
    #expect(throws: CommandError.self) { try place.pipeline().forget(first.taskID) }
    let again = try await place.process(csv("a,d,1", "b,d,2"), as: "again.csv")
    #expect(again.status == .done)
    #expect(try place.totals() == ["a,d,11", "b,d,2"])
  }

  @Test func `a failed task is tried again with its corrected file, under its id and its names`()
    async throws
  {
    let place = try Workplace()
    let failed = try await place.process(csv("a,d,x"))
    #expect(failed.status == .failed)
    #expect(try place.outbox() == ["plays.csv.receipt.json", "plays.rejects.csv"])
    let corrected = place.directory.path(of: "corrected.csv")
    try Data(csv("a,d,7", "b,d,1").utf8).write(to: URL(fileURLWithPath: corrected))
    let pipeline = place.pipeline()
    try pipeline.retry(failed.taskID, replacement: Array(corrected.utf8))
    pipeline.close()
    try await pipeline.runWorkers()
    let done = try place.task(failed.taskID)
    #expect(done.status == .done)
    #expect(done.attempts == 2)
    #expect(done.sizeBytes == Int64(csv("a,d,7", "b,d,1").utf8.count))
    #expect(try place.totals() == ["a,d,7", "b,d,1"])
    // What the failed attempt published is taken back.
    #expect(try place.outbox() == ["plays.csv", "plays.csv.receipt.json"])
    #expect(throws: CommandError.self) {
      try place.pipeline().retry(failed.taskID, replacement: nil)
    }
  }

  @Test func `a retry finds the file of an upload whose name was lost with the power`() async throws
  {
    let place = try Workplace()
    let failed = try await place.process(csv("a,d,x"))
    let archived = place.folders.archive.path + "/\(failed.taskID)/"
    try FileManager.default.moveItem(
      atPath: archived + "plays.csv", toPath: archived + ".partial")
    #expect(try place.folders.restore(failed, replacement: nil) == failed.sizeBytes)
    let restored = place.folders.work.path + "/\(failed.taskID)/plays.csv"
    #expect(try Data(contentsOf: URL(fileURLWithPath: restored)) == Data(csv("a,d,x").utf8))
  }

  @Test func `a retry without a file is an error that names the remedy, and changes nothing`()
    async throws
  {
    let place = try Workplace([.archive: "delete"])
    let failed = try await place.process(csv("a,d,x"))
    #expect {
      try place.pipeline().retry(failed.taskID, replacement: nil)
    } throws: { error in
      "\(error)".contains("--file")
    }
    #expect(try place.task(failed.taskID).status == .failed)
  }

  @Test(arguments: [false, true])
  func `a retry that is killed before the manifest knows of it leaves the task as it was`(
    hasReplacement: Bool
  ) async throws {
    let place = try Workplace()
    let failed = try await place.process(csv("a,d,x"))
    let corrected = place.directory.path(of: "corrected.csv")
    try Data(csv("a,d,7").utf8).write(to: URL(fileURLWithPath: corrected))
    _ = try place.folders.restore(failed, replacement: hasReplacement ? Array(corrected.utf8) : nil)
    #expect(try place.work() == ["\(failed.taskID)"])
    try await place.restart()
    #expect(try place.task(failed.taskID).status == .failed)
    #expect(try place.work() == [])
    #expect(try place.archive() == ["\(failed.taskID)"])
  }
}
