import Files
import Foundation
import Inbox
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// A consumer may take a file the moment it appears in the outbox, and the daemon may be killed the moment after: the
/// file is not published again.
struct PublicationTests {
  private static let text = csv("B,d,2", "A,d,1", "B,d,3")

  /// Takes what a consumer sees.
  private func take(_ names: [String], from place: Workplace) throws {
    for name in names { try place.folders.outbox.remove(#require(FileName(name))) }
  }

  private func visible(_ place: Workplace) throws -> [String] {
    try place.outbox().filter { !$0.hasPrefix(".") }
  }

  @Test(arguments: [Interruption.resultNamed, .receiptHidden, .receiptNamed])
  func `a result that was taken before its task was done is not published again`(
    last: Interruption
  ) async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: last)
    let taken = try visible(place)
    try take(taken, from: place)
    try await Workplace(after: place).restart()
    let task = try place.task(claim.taskID)
    #expect(task.status == .done)
    #expect(task.resultName == "plays.csv")
    #expect(try place.plays() == ["A|d|1", "B|d|5"])
    // The receipt comes once, too.
    let receipts = taken.contains("plays.csv.receipt.json") ? [] : ["plays.csv.receipt.json"]
    #expect(try place.outbox() == receipts)
    #expect(try place.archive() == [claim.taskID.description])
    try place.expectSound()
  }

  @Test func `a receipt of what was taken says what it was`() async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: .resultNamed)
    let result = try place.contents("plays.csv")
    try take(["plays.csv"], from: place)
    // Somebody else's by now.
    try place.put("theirs", inOutboxAs: "plays.csv")
    try await Workplace(after: place, [.lineEnding: "crlf"]).restart()
    let receipt = try place.receipt("plays.2.csv.receipt.json")
    #expect(receipt.resultName == "plays.csv")
    #expect(receipt.resultBytes == result.utf8.count)
    #expect(receipt.rowsRead == 3)
    #expect(receipt.playsIn == 6)
    #expect(receipt.playsOut == 6)
    #expect(try place.outbox() == ["plays.2.csv.receipt.json", "plays.csv"])
    #expect(try place.contents("plays.csv") == "theirs")
  }

  /// The one that is read holds the only worker and has to give it to the other.
  @Test func `two files of the same bytes do not wait for each other for ever`() async throws {
    let place = try Workplace()
    let text = csv((0..<20_000).map { "Song \($0),2024-01-01,1" }.joined(separator: "\n"))
    let second = try place.claim(text, as: "second.csv")
    try place.interrupt(second, after: .recorded)
    let first = try place.claim(text, as: "first.csv")
    try place.interrupt(first, after: .ingested)
    try await Workplace(after: place, [.workers: "1"]).restart(mostAttempts: 3)
    #expect(try place.task(first.taskID).status == .done)
    #expect(try place.task(second.taskID).status == .duplicate)
  }

  @Test func `a name that was taken before the task was gone on with is not the manifest's`()
    async throws
  {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: .ingested)
    try place.put("theirs", inOutboxAs: "plays.csv")
    let next = try Workplace(after: place)
    try await next.restart()
    let stored = try #require(try next.store.task(claim.taskID))
    #expect(stored.record.resultName == "plays.2.csv")
    #expect(stored.outputNumber == 2)
  }

  /// The foreign file came after the names were chosen, so the result has the next one, in the manifest first.
  @Test func `a result that was taken from under its second name is known by that`() async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: .ingested)
    try place.put("theirs", inOutboxAs: "plays.csv")
    let hash = try #require(try place.store.task(claim.taskID)).rejectsSHA256
    try place.store.reserveOutputNumber(
      claim.taskID, 2, resultName: FileName("plays.2.csv"), rejectsSHA256: hash)
    try place.folders.outbox.remove(OutboxFile.hiddenName(.result, of: claim.taskID))
    try await Workplace(after: place).restart()
    #expect(try place.task(claim.taskID).resultName == "plays.2.csv")
    #expect(try place.receipt("plays.2.csv.receipt.json").resultName == "plays.2.csv")
    #expect(try place.outbox() == ["plays.2.csv.receipt.json", "plays.csv"])
  }

  @Test func `what was interrupted while it published is published without being read again`()
    async throws
  {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: .ingested)
    try place.folders.work.directory(Folders.name(of: claim.taskID)).remove(claim.name)
    #expect(try await Workplace(after: place).restart().done == 1)
    #expect(try place.outbox() == ["plays.csv", "plays.csv.receipt.json"])
  }

  /// What is missing from another folder says nothing of what was published in the first one.
  @Test func `in another outbox the task begins anew and is published whole`() async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: .ingested)
    let outbox = place.settings.outbox
    try FileManager.default.moveItem(atPath: outbox, toPath: outbox + ".old")
    try await Workplace(after: place).restart()
    let names = try FileManager.default.contentsOfDirectory(atPath: outbox).sorted()
    #expect(names == ["plays.csv", "plays.csv.receipt.json"])
    #expect(try place.task(claim.taskID).attempts == 2)
    try place.expectSound()
  }

  @Test func `rejects and receipt of a failed file that were taken do not come again`() async throws
  {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,one"))
    try place.interruptFailing(claim)
    #expect(try visible(place) == ["plays.csv.receipt.json", "plays.rejects.csv"])
    try take(try visible(place), from: place)
    #expect(try await Workplace(after: place).restart().failed == 1)
    #expect(try place.outbox() == [])
    #expect(try place.task(claim.taskID).errorCode == .rejectedRows)
    #expect(try place.texts("SELECT reason FROM rejects").count == 1)
    try place.expectSound()
  }

  /// Its files were not taken by a consumer: `cancel` withdrew them.
  @Test func `a kill within a cancellation does not lose the result`() async throws {
    let place = try Workplace()
    let claim = try place.claim(Self.text)
    try place.interrupt(claim, after: .receiptNamed)
    let stored = try #require(try place.store.task(claim.taskID))
    try EarlierOutput(of: stored, rejects: nil, result: nil)?.withdraw(from: place.folders.outbox)
    // Killed before the manifest says cancelled.
    try await Workplace(after: place).restart()
    #expect(try place.task(claim.taskID).status == .done)
    #expect(try place.outbox() == ["plays.csv", "plays.csv.receipt.json"])
  }

  @Test func `what an ended task left hidden is removed by the next start`() async throws {
    let place = try Workplace()
    let task = try await place.process(Self.text)
    try place.put("", inOutboxAs: ".watchd-\(task.taskID).publishing")
    let stranger = ".watchd-\(TaskID.make()).publishing"
    try place.put("", inOutboxAs: stranger)
    try await Workplace(after: place).restart()
    #expect(try place.outbox() == [stranger, "plays.csv", "plays.csv.receipt.json"])
  }
}
