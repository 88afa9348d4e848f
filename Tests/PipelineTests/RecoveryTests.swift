import Files
import Foundation
import Inbox
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// Each state that a killed process can leave ends, after one start, in the same state as if nothing
/// had happened.
struct RecoveryTests {
  private static let text = csv("B,d,2", "A,d,1", "B,d,3")
  private static let result = "Song,Date,Total Number of Plays for Date\nA,d,1\nB,d,5\n"

  /// What holds once a file went all the way, however often it was begun.
  private func expectDoneOnce(
    _ id: TaskID, in place: Workplace, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let task = try place.task(id)
    #expect(task.status == .done, sourceLocation: sourceLocation)
    #expect(task.resultName == "plays.csv", sourceLocation: sourceLocation)
    #expect(
      try place.outbox() == ["plays.csv", "plays.csv.receipt.json"], sourceLocation: sourceLocation)
    #expect(try place.contents("plays.csv") == Self.result, sourceLocation: sourceLocation)
    let receipt = try place.receipt()
    #expect(receipt.taskId == id.description, sourceLocation: sourceLocation)
    #expect(receipt.status == "done", sourceLocation: sourceLocation)
    #expect(receipt.resultName == "plays.csv", sourceLocation: sourceLocation)
    #expect(try place.plays() == ["A|d|1", "B|d|5"], sourceLocation: sourceLocation)
    #expect(try place.work() == [], sourceLocation: sourceLocation)
    #expect(try place.archive() == [id.description], sourceLocation: sourceLocation)
    try place.expectSound(sourceLocation: sourceLocation)
  }

  @Test(arguments: Interruption.allCases)
  func `a file counts once, wherever the process was killed`(last: Interruption) async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: last)
    if last != .finished { #expect(try place.plays() == []) }
    let summary = try await Workplace(after: place).restart()
    #expect(summary.done == (last == .finished ? 0 : 1))
    #expect(summary.givenUp == [])
    try expectDoneOnce(claim.taskID, in: place)
    // From `publishing` on it goes on, and before it is begun anew.
    let isBegunAnew = [.started, .runInDatabase, .resultHidden, .prepared].contains(last)
    #expect(try place.task(claim.taskID).attempts == (isBegunAnew ? 2 : 1))
  }

  @Test(arguments: Interruption.allCases)
  func `a second start after a first one changes nothing`(last: Interruption) async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: last)
    try await Workplace(after: place).restart()
    let before = try (place.task(claim.taskID), place.receipt().finishedAt)
    let summary = try await Workplace(after: place).restart()
    #expect(summary.done == 0)
    #expect(try place.task(claim.taskID) == before.0)
    #expect(try place.receipt().finishedAt == before.1)
    try expectDoneOnce(claim.taskID, in: place)
  }

  @Test func `a claimed file without a row becomes a task`() async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    #expect(try await place.restart().done == 1)
    try expectDoneOnce(claim.taskID, in: place)
  }

  @Test func `an interrupted file that spilled goes all the way`() async throws {
    let place = try Workplace([.memory: "1MiB", .workers: "1"])
    let rows = (0..<40_000).map { "A song with quite a long title \($0),d,1\n" }.joined()
    let claim = try place.claim(csv() + rows)
    let pipeline = place.pipeline()
    try pipeline.record([claim])
    try place.store.start(claim.taskID, at: .now())
    var ingest = try Ingest(
      try place.task(claim.taskID),
      input: try InputFile(of: try place.task(claim.taskID), in: place.folders.work),
      context: pipeline.context)
    try ingest.run()
    let hasSpilled = ingest.hasSpilled
    #expect(hasSpilled)
    #expect(try place.count("play_rows") > 0)
    #expect(try place.plays() == [])
    let next = try Workplace(after: place, [.memory: "1MiB", .workers: "1"])
    #expect(try await next.restart().done == 1)
    #expect(try place.count("plays") == 40_000)
    try place.expectSound()
  }

  @Test func `hidden files of a killed attempt are gone, those of others stay`() async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: .resultHidden)
    try place.put("half", inOutboxAs: ".watchd-\(claim.taskID).rejects")
    try place.put("half", inOutboxAs: ".watchd-\(claim.taskID).receipt")
    try place.put("theirs", inOutboxAs: ".somebody-else")
    try await place.restart()
    #expect(try place.outbox() == [".somebody-else", "plays.csv", "plays.csv.receipt.json"])
  }

  @Test func `a task whose file is gone fails, and the others go on`() async throws {
    let place = try Workplace()
    let (lost, kept) = (try place.claim(Self.text, as: "lost.csv"), try place.claim(Self.text))
    try place.interrupt(lost, after: .recorded)
    try place.interrupt(kept, after: .started)
    try place.folders.work.directory(Folders.name(of: lost.taskID)).remove(lost.name)
    let summary = try await place.restart()
    #expect(summary.done == 1)
    #expect(summary.failed == 1)
    #expect(try place.task(lost.taskID).status == .failed)
    #expect(try place.task(kept.taskID).status == .done)
  }

  @Test func `a failing file whose receipt was out already has it once`() async throws {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,one"))
    try place.interruptFailing(claim)
    // Killed here.
    #expect(try await Workplace(after: place).restart().failed == 1)
    #expect(try place.outbox() == ["plays.csv.receipt.json", "plays.rejects.csv"])
    #expect(try place.task(claim.taskID).errorCode == .rejectedRows)
    try place.expectSound()
  }

  @Test func `equal files that were all interrupted count once`() async throws {
    let place = try Workplace()
    let claims = try Interruption.allCases.dropLast(2).map { last in
      let claim = try place.claim(Self.text, as: "\(last.rawValue).csv")
      // Two cannot both hold the content; the later ones were killed before they asked for it.
      try place.interrupt(claim, after: last == .receiptHidden ? .ingested : .started)
      return claim
    }
    #expect(try await place.restart().done == claims.count)
    let statuses = try claims.map { try place.task($0.taskID).status }
    #expect(statuses.count { $0 == .done } == 1)
    #expect(statuses.count { $0 == .duplicate } == claims.count - 1)
    #expect(try place.plays() == ["A|d|1", "B|d|5"])
    try place.expectSound()
  }
}
