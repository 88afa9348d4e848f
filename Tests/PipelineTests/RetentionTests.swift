import Files
import Foundation
import GRDB
import Inbox
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

/// What becomes of the files and rows of tasks that ended long ago.
struct RetentionTests {
  /// Later than everything that ended by now.
  private static func afterNow() -> Timestamp {
    Timestamp(milliseconds: Timestamp.now().milliseconds + 1)
  }

  private static func prune(
    _ place: Workplace, before cutoff: Timestamp = afterNow(), isDryRun: Bool = false
  ) async throws -> PruneReport {
    let pipeline = place.pipeline()
    return try await onThread(named: "prune") {
      try pipeline.prune(endedBefore: cutoff, isDryRun: isDryRun)
    }
  }

  @Test func `result, original and rows go, and the task still has its row and its bytes`()
    async throws
  {
    let place = try Workplace([.maxRejects: "all"])
    let old = try await place.process(csv("a,d,1", "b,d,x"), as: "old.csv")
    let cutoff = Self.afterNow()
    try await eventually("time passes") { Timestamp.now() > cutoff }
    let new = try await place.process(csv("a,d,10"), as: "new.csv")
    #expect(
      try place.outbox() == [
        "new.csv", "new.csv.receipt.json", "old.csv", "old.csv.receipt.json", "old.rejects.csv",
      ])
    let before = try place.totals()
    let foreseen = try await Self.prune(place, before: cutoff, isDryRun: true)
    #expect(try place.totals() == before)
    #expect(try place.outbox().count == 5)
    let report = try await Self.prune(place, before: cutoff)
    #expect(report.tasks == 1 && report.rows == 1 && report.files == 4 && report.left == 0)
    #expect(foreseen.tasks == 1 && foreseen.rows == 1 && foreseen.files == 4)
    #expect(foreseen.fileBytes == report.fileBytes)
    #expect(try place.totals() == ["a,d,10"])
    #expect(try place.outbox() == ["new.csv", "new.csv.receipt.json"])
    #expect(try place.archive() == ["\(new.taskID)"])
    #expect(try place.count("rejects") == 0)
    #expect(try place.task(old.taskID).status == .done)
    try place.expectSound()
    // Once is enough.
    #expect(try await Self.prune(place, before: cutoff).tasks == 0)
    let again = try await place.process(csv("a,d,1", "b,d,x"), as: "again.csv")
    #expect(again.status == .duplicate)
    #expect(again.duplicateOf == old.taskID)
    #expect(try place.totals() == ["a,d,10"])
    #expect(try place.contents("again.csv").hasSuffix("a,d,1\n"))
  }

  @Test func `what a consumer took, or put there, is no obstacle and stays`() async throws {
    let place = try Workplace()
    let first = try await place.process(csv("a,d,1"), as: "plays.csv")
    for name in ["plays.csv", "plays.csv.receipt.json"] {
      try FileManager.default.removeItem(atPath: place.settings.outbox + "/" + name)
    }
    let cutoff = Self.afterNow()
    try await eventually("time passes") { Timestamp.now() > cutoff }
    // A later task of the same name and the same result: another file, to the byte the same totals.
    _ = try await place.process(csv("a,d,0", "a,d,1"), as: "plays.csv")
    try place.put("mine", inOutboxAs: "notes.txt")
    let report = try await Self.prune(place, before: cutoff)
    #expect(report.tasks == 1 && report.files == 1)
    #expect(try place.outbox() == ["notes.txt", "plays.csv", "plays.csv.receipt.json"])
    #expect(try place.store.task(first.taskID)?.prunedAt != nil)
    #expect(try place.totals() == ["a,d,1"])
  }

  @Test func `a file that cannot be removed keeps its task, and holds up no other`() async throws {
    let place = try Workplace()
    let stuck = try await place.process(csv("a,d,1"), as: "stuck.csv")
    let other = try await place.process(csv("b,d,1"), as: "other.csv")
    // Not even root removes a folder by unlink(2).
    let inside = place.settings.state + "/archive/\(stuck.taskID)/folder"
    try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: false)
    let report = try await Self.prune(place)
    #expect(report.tasks == 1 && report.left == 1)
    #expect(report.trouble?.contains("folder") == true)
    #expect(try place.totals() == ["a,d,1"])
    #expect(try place.store.task(other.taskID)?.prunedAt != nil)
    try FileManager.default.removeItem(atPath: inside)
    #expect(try await Self.prune(place).tasks == 1)
    #expect(try place.totals() == [])
    #expect(try place.archive() == [])
  }

  @Test func `a failed task is tried again with a file, after its original is gone`() async throws {
    let place = try Workplace()
    let failed = try await place.process(csv("a,d,x"))
    _ = try await Self.prune(place)
    #expect(try place.outbox() == [])
    #expect {
      try place.pipeline().retry(failed.taskID, replacement: nil)
    } throws: { error in
      "\(error)".contains("--file")
    }
    let corrected = place.directory.path(of: "corrected.csv")
    try Data(csv("a,d,7").utf8).write(to: URL(fileURLWithPath: corrected))
    let pipeline = place.pipeline()
    try pipeline.retry(failed.taskID, replacement: Array(corrected.utf8))
    pipeline.close()
    try await pipeline.runWorkers()
    #expect(try place.totals() == ["a,d,7"])
    #expect(try await Self.prune(place).tasks == 1)
  }

  @Test func `very many tasks go, whatever their sizes, and the ones that run stay`() async throws {
    let place = try Workplace()
    var claims = try (0..<150).map { number in
      try place.claim(number % 7 == 0 ? csv() : csv("a,\(number),1"), as: "\(number).csv")
    }
    claims.append(
      try place.claim(
        csv() + (0..<60_000).map { "song \($0),d,1\n" }.joined(), as: "large.csv"))
    try await place.process(claims)
    let waiting = try place.claim(csv("w,d,1"), as: "waiting.csv")
    let pipeline = place.pipeline()
    try pipeline.record([waiting])
    let report = try await Self.prune(place)
    #expect(report.tasks == 151)
    #expect(try place.outbox() == [])
    #expect(try place.archive() == [])
    #expect(try place.count("play_rows") == 0)
    #expect(try place.count("events") == 1)
    #expect(try place.work() == ["\(waiting.taskID)"])
    try place.expectSound()
    #expect(report.databaseBytes > 0)
  }

  @Test func `the daemon applies its retention by itself, until it is stopped`() async throws {
    let place = try Workplace([.retention: "1s"])
    _ = try await place.process(csv("a,d,1"))
    let pipeline = place.pipeline()
    async let keeping: Void = onThread(named: "retention") { pipeline.keepRetention() }
    try await eventually("the result goes") { try place.outbox().isEmpty }
    try await eventually("the rows go") { try place.count("plays") == 0 }
    pipeline.endRetention()
    try await keeping
    #expect(try place.archive() == [])
  }

  @Test func `a retention that is set while the daemon runs is applied at once`() async throws {
    let place = try Workplace([.retention: "off"])
    _ = try await place.process(csv("a,d,1"))
    let pipeline = place.pipeline()
    async let keeping: Void = onThread(named: "retention") { pipeline.keepRetention() }
    pipeline.use(try Workplace(after: place, [.retention: "1s"]).settings)
    try await eventually("the rows go") { try place.count("plays") == 0 }
    pipeline.endRetention()
    try await keeping
  }

  @Test func `without a retention nothing goes by itself`() async throws {
    let place = try Workplace([.retention: "off"])
    _ = try await place.process(csv("a,d,1"))
    let pipeline = place.pipeline()
    pipeline.applyRetention()
    #expect(try place.totals() == ["a,d,1"])
  }
}
