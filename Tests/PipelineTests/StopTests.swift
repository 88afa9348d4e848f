import Files
import Foundation
import Inbox
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

struct StopTests {
  private static let settings: [Setting: String] = [.memory: "1MiB", .workers: "2"]
  private static let rows =
    csv() + (0..<40_000).map { "A song with quite a long title \($0),d,1\n" }.joined()

  /// A file whose rows are followed by a hole of 64 GiB, so that it is read until somebody stops it.
  private func endless(in place: Workplace) throws -> ClaimedFile {
    let claim = try place.claim(Self.rows)
    let path = place.settings.state + "/work/\(claim.taskID)/plays.csv"
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.truncate(atOffset: 64 << 30)
    try file.close()
    return claim
  }

  private func withoutHole(_ claim: ClaimedFile, in place: Workplace) throws {
    let path = place.settings.state + "/work/\(claim.taskID)/plays.csv"
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.truncate(atOffset: UInt64(Self.rows.utf8.count))
    try file.close()
  }

  @Test func `a stop in the middle of a file puts it back, and a later start completes it`()
    async throws
  {
    let place = try Workplace(Self.settings)
    let claim = try endless(in: place)
    let pipeline = place.pipeline()
    try pipeline.record([claim])
    async let running: Void = pipeline.runWorkers()
    try await eventually("rows of the file are in the database") {
      try place.task(claim.taskID).bytesRead > 0 && place.count("play_rows") > 0
    }
    #expect(try place.task(claim.taskID).status == .running)
    #expect(try place.plays() == [])
    pipeline.stop()
    try await running

    let task = try place.task(claim.taskID)
    #expect(task.status == .queued)
    #expect(task.bytesRead == 0)
    #expect(try place.outbox() == [])
    #expect(try place.work() == [claim.taskID.description])
    #expect(pipeline.summary.givenUp == [])
    try place.expectSound()

    try withoutHole(claim, in: place)
    #expect(try await Workplace(after: place, Self.settings).restart().done == 1)
    #expect(try place.count("plays") == 40_000)
    #expect(try place.outbox() == ["plays.csv", "plays.csv.receipt.json"])
    try place.expectSound()
  }

  @Test func `a small file does not wait for a large one`() async throws {
    let place = try Workplace(Self.settings)
    let large = try endless(in: place)
    let small = try place.claim(csv("A,d,1"), as: "small.csv")
    let pipeline = place.pipeline()
    try pipeline.record([large])
    async let running: Void = pipeline.runWorkers()
    try await eventually("the large file is read") {
      try place.task(large.taskID).status == .running
    }
    try pipeline.record([small])
    try await eventually("the small file is done") {
      try place.task(small.taskID).status == .done
    }
    #expect(try place.task(large.taskID).status == .running)
    pipeline.stop()
    try await running
    #expect(try place.task(large.taskID).status == .queued)
  }

  @Test func `a stop before the workers begin leaves everything queued`() async throws {
    let place = try Workplace()
    let claims = try (0..<5).map { try place.claim(csv("A,d,\($0)")) }
    let pipeline = place.pipeline()
    try pipeline.record(claims)
    pipeline.stop()
    try await pipeline.runWorkers()
    for claim in claims { #expect(try place.task(claim.taskID).attempts == 0) }
    #expect(try place.outbox() == [])
    #expect(try await Workplace(after: place).restart().done == 5)
  }
}
