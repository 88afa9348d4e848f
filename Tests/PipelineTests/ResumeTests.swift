import CSV
import Files
import Foundation
import Inbox
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

/// A large file that is interrupted goes on from its last committed set of runs.
struct ResumeTests {
  private static let settings: [Setting: String] = [.memory: "1MiB", .workers: "1"]

  private static func text(_ count: Int) -> String {
    csv()
      + (0..<count).map { "A song with quite a long title \($0 &* 7919 % 100_003),d,\($0 % 9)\n" }
      .joined()
  }

  /// A place where a file was read to its end, and the process killed before the last sums were in.
  private func interrupted(
    _ text: String, _ settings: [Setting: String] = [:]
  ) throws -> (Workplace, TaskID) {
    var place = try Workplace(Self.settings.merging(settings) { $1 })
    place.limits = IngestLimits(members: 2, pieceSize: 10_000, sizeForMembers: 0)
    let claim = try place.claim(text)
    let pipeline = place.pipeline()
    try pipeline.record([claim])
    try place.store.start(claim.taskID, at: .now())
    let stored = try #require(try place.store.task(claim.taskID))
    var ingest = try Ingest(
      stored.record, input: try InputFile(of: stored.record, in: place.folders.work),
      context: pipeline.context)
    try ingest.run()
    try ingest.load(ingest.lastParts)
    return (place, claim.taskID)
  }

  /// Whether an attempt would go on from the place.
  private func resumes(_ task: TaskID, in place: Workplace) throws -> Bool {
    let stored = try #require(try place.store.task(task))
    let context = place.pipeline().context
    let plan = IngestPlan(
      fileSize: stored.record.sizeBytes, settings: context.settings, limits: context.limits)
    return try IngestStart.find(
      of: stored.record, InputFile(of: stored.record, in: place.folders.work), plan: plan,
      context: context
    ).resumes
  }

  @Test func `the next attempt reads what is behind the last committed place, and no row twice`()
    async throws
  {
    let text = Self.text(40_000)
    let (place, task) = try interrupted(text)
    let found = try place.store.resumePoint(of: task)
    let point = try #require(found)
    #expect(point.rowsRead > 10_000 && point.rowsRead < 40_000)
    #expect(try resumes(task, in: place))
    try await place.restart()
    let whole = try Workplace()
    _ = try await whole.process(text)
    #expect(try place.task(task).status == .done)
    #expect(try place.task(task).rowsRead == 40_000)
    #expect(try place.bytes("plays.csv") == whole.bytes("plays.csv"))
    #expect(try place.totals() == whole.totals())
    #expect(try place.store.resumePoint(of: task) == nil)
    // Those from before the place are still the first ones: nothing was loaded a second time.
    #expect(try place.count("play_rows") == 40_000)
    try place.expectSound()
  }

  @Test func `a file with rejected records goes on as well, and lists each of them once`()
    async throws
  {
    // Every 500th row is bad, in the first hundredth of the file as in the last.
    let text =
      csv()
      + (0..<40_000).map {
        "A song with quite a long title \($0 &* 7919 % 100_003),d,\($0 % 500 == 499 ? "x" : "1")\n"
      }.joined()
    let allowed: [Setting: String] = [.maxRejects: "1000"]
    let (place, task) = try interrupted(text, allowed)
    let point = try #require(try place.store.resumePoint(of: task))
    #expect(point.rowsRejected > 10 && point.rowsRejected < 80)
    #expect(try resumes(task, in: place))
    try await place.restart()
    let whole = try Workplace(allowed)
    _ = try await whole.process(text)
    #expect(try place.task(task).status == .done)
    #expect(try place.task(task).rowsRead == 40_000)
    #expect(try place.task(task).rowsRejected == 80)
    for name in ["plays.csv", "plays.rejects.csv"] {
      #expect(try place.bytes(name) == whole.bytes(name))
    }
    #expect(try place.totals() == whole.totals())
    #expect(try place.count("rejects") == 80)
    // With the rows of the set that was undone, each accepted one went in once.
    #expect(try place.count("play_rows") == 40_000 - 80)
    try place.expectSound()
  }

  @Test
  func `what is loaded is gone over piece by piece, and said to be until the place is reached`()
    throws
  {
    let (place, task) = try interrupted(Self.text(40_000))
    let point = try #require(try place.store.resumePoint(of: task))
    try place.store.requeue(task, toResume: true, reason: "a test", at: .now())
    try place.store.start(task, at: .now())
    let record = try #require(try place.store.task(task)).record
    let context = place.pipeline().context
    var feed = RecordFeed(
      try InputFile(of: record, in: place.folders.work), options: CSVOptions(context.settings),
      pieceSize: 10_000, stop: context.stop)
    var told: [IngestProgress] = []
    var saysSo: [Bool?] = []
    let isThere = try feed.resume(at: point) { progress in
      try place.store.progress(task, progress)
      told.append(progress)
      saysSo.append(try place.store.motions()[task]?.isGoingOver)
    }
    #expect(isThere)
    #expect(told.count > 10)
    #expect(told.map(\.bytesRead) == told.map(\.bytesRead).sorted())
    #expect(told.last?.bytesRead == Int64(point.hashedBytes))
    #expect(saysSo.allSatisfy { $0 == true })
    #expect(try resumes(task, in: place))
    #expect(try place.store.motions()[task]?.isGoingOver == false)
  }

  @Test func `rows behind the place are taken out before the task goes on`() async throws {
    let (place, task) = try interrupted(Self.text(40_000))
    let point = try #require(try place.store.resumePoint(of: task))
    let before = try place.count("play_rows")
    try place.store.requeue(task, reason: "a test", at: .now())
    let after = try place.count("play_rows")
    #expect(after < before)
    #expect(after > 0 && Int64(after) <= point.rowsRead)
  }

  @Test func `a file that is not the one that was read begins anew`() async throws {
    let (place, task) = try interrupted(Self.text(40_000))
    let changed = Self.text(40_000).replacingOccurrences(of: "title 7919,", with: "title 7918,")
    let folder = try place.folders.work.directory(Folders.name(of: task))
    try Data(changed.utf8).write(to: URL(fileURLWithPath: folder.path + "/plays.csv"))
    try await place.restart()
    #expect(try place.task(task).status == .done)
    let whole = try Workplace()
    _ = try await whole.process(changed)
    #expect(try place.bytes("plays.csv") == whole.bytes("plays.csv"))
    #expect(try place.totals() == whole.totals())
  }

  @Test func `an attempt with other settings begins anew`() async throws {
    let (place, task) = try interrupted(Self.text(40_000))
    let next = try Workplace(after: place, Self.settings.merging([.keep: "rows"]) { $1 })
    try await next.restart()
    #expect(try next.task(task).status == .done)
    #expect(try next.count("plays") == 40_000)
    try next.expectSound()
  }
}
