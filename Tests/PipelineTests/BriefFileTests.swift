import Files
import Foundation
import Inbox
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

/// Many small files are on their way at the same time; each keeps every promise as if it were alone.
struct BriefFileTests {
  /// What a file of a crowd is, by its number.
  private enum Kind: CaseIterable {
    case plain, packed, rejected, allowedReject, empty, twin, obstructed

    static func of(_ number: Int) -> Kind { allCases[number % allCases.count] }

    func contents(_ number: Int) -> [UInt8] {
      switch self {
      case .plain, .obstructed: Array(csv("Song \(number),d,\(number)").utf8)
      case .packed: gzip(csv("Song \(number),d,\(number)"))
      case .rejected: Array(csv("A,d,one", "B,d,two", "C,d,\(number)").utf8)
      case .allowedReject: Array(csv("A,d,one", "Song \(number),d,\(number)").utf8)
      case .empty: []
      case .twin: Array(csv("Twin,d,1").utf8)
      }
    }

    var ending: String { self == .packed ? ".csv.gz" : ".csv" }

    /// How it ends; of the twins, one is done.
    var status: TaskStatus {
      switch self {
      case .plain, .packed, .allowedReject, .obstructed: .done
      case .rejected, .empty: .failed
      case .twin: .duplicate
      }
    }
  }

  private static let count = 140
  private static let settings: [Setting: String] = [.maxRejects: "1"]

  private func crowd(in place: Workplace) throws -> [ClaimedFile] {
    try (0..<Self.count).map { number in
      let kind = Kind.of(number)
      return try place.claim(kind.contents(number), as: "f\(number)\(kind.ending)")
    }
  }

  /// Each counts once or not at all, has one receipt, and those without fault one result.
  private func expectEnds(of claims: [ClaimedFile], in place: Workplace) throws {
    var songs: [String] = []
    var twins: [TaskStatus] = []
    for (number, claim) in claims.enumerated() {
      let (kind, task) = (Kind.of(number), try place.task(claim.taskID))
      let receipt = try place.receipt(stem(claim.name) + ".receipt.json")
      #expect(receipt.status == task.status.rawValue)
      #expect(receipt.taskId == claim.taskID.description)
      if kind == .twin {
        twins.append(task.status)
        continue
      }
      #expect(task.status == kind.status, "f\(number)")
      if kind.status == .done { songs.append("Song \(number)|d|\(number)") }
    }
    #expect(twins.count { $0 == .done } == 1)
    #expect(twins.count { $0 == .duplicate } == twins.count - 1)
    #expect(try place.plays() == (songs + ["Twin|d|1"]).sorted())
    let results = Self.count / Kind.allCases.count * 5
    let names = try place.outbox()
    #expect(names.count { $0.hasSuffix(".receipt.json") } == Self.count)
    #expect(names.count { $0.hasSuffix(".rejects.csv") } == Self.count / Kind.allCases.count * 2)
    #expect(names.count == Self.count + results + Self.count / Kind.allCases.count * 2)
    #expect(try place.work() == [])
    #expect(try place.archive().count == Self.count)
    try place.expectSound()
  }

  private func stem(_ name: FileName) -> String {
    name.text.hasSuffix(".gz") ? String(name.text.dropLast(3)) : name.text
  }

  @Test func `a crowd of good, failing, equal and packed files ends as each would alone`()
    async throws
  {
    let place = try Workplace(Self.settings)
    let claims = try crowd(in: place)
    let summary = try await place.process(claims)
    #expect(summary.givenUp == [])
    try expectEnds(of: claims, in: place)
  }

  @Test func `files that the machine fails go back to the queue, the others of the crowd go on`()
    async throws
  {
    let place = try Workplace(Self.settings)
    let claims = try crowd(in: place)
    let obstructed = claims.indices.filter { Kind.of($0) == .obstructed }.map { claims[$0] }
    let obstacles = try obstructed.map { claim in
      try #require(FileName(".watchd-\(claim.taskID).result"))
    }
    for name in obstacles { _ = try place.folders.outbox.directory(name) }
    let summary = try await place.process(claims)
    #expect(summary.givenUp.count == obstructed.count)
    #expect(summary.done + summary.failed == Self.count - obstructed.count)
    for claim in obstructed { #expect(try place.task(claim.taskID).status == .queued) }
    for name in obstacles { try place.folders.outbox.removeDirectory(name) }
    let next = try Workplace(after: place, Self.settings)
    #expect(try await next.restart().done == obstructed.count)
    try expectEnds(of: claims, in: next)
  }

  @Test func `a stop in the middle of a crowd leaves each file whole or queued`() async throws {
    let place = try Workplace(Self.settings)
    let claims = try crowd(in: place)
    let pipeline = place.pipeline()
    try pipeline.record(claims)
    async let running: Void = pipeline.runWorkers()
    try await eventually("some are through") {
      pipeline.summary.done + pipeline.summary.failed > 5
    }
    pipeline.stop()
    try await running
    let statuses = try claims.map { try place.task($0.taskID).status }
    #expect(statuses.allSatisfy { $0.isFinal || $0 == .queued })
    #expect(try place.outbox().allSatisfy { !$0.hasPrefix(".") })
    #expect(try await Workplace(after: place, Self.settings).restart().givenUp == [])
    try expectEnds(of: claims, in: place)
  }

  @Test func `files killed at every step, all at once, are each completed once`() async throws {
    let place = try Workplace()
    let claims = try (0..<90).map { number in
      let claim = try place.claim(csv("Song \(number),d,1"), as: "f\(number).csv")
      try place.interrupt(
        claim, after: Interruption.allCases[number % Interruption.allCases.count])
      return claim
    }
    #expect(try await Workplace(after: place).restart().givenUp == [])
    for claim in claims { #expect(try place.task(claim.taskID).status == .done) }
    #expect(try place.plays().count == 90)
    #expect(try place.outbox().count == 180)
    #expect(try place.work() == [])
    try place.expectSound()
  }

  @Test func `small files do not wait while every worker has a larger one`() async throws {
    let place = try Workplace([.workers: "1"])
    let slow = try place.claim(Array(repeating: 0x0A, count: 20 << 20), as: "slow.csv")
    let entry = WorkQueue.Entry(taskID: slow.taskID, size: slow.size)
    let pipeline = place.pipeline()
    // The one worker is taken, and stays so.
    pipeline.context.queue.add([entry])
    #expect(pipeline.context.queue.take() == entry)
    async let running: Void = pipeline.runWorkers()
    let claims = try (0..<40).map { try place.claim(csv("Song \($0),d,1"), as: "f\($0).csv") }
    try pipeline.record(claims)
    try await eventually("the small ones are done") { pipeline.summary.done == 40 }
    pipeline.stop()
    try await running
  }
}
