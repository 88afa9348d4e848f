import Files
import Foundation
import Inbox
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// What an earlier attempt published under the task's names, and the next attempt makes otherwise.
struct RepeatedPublicationTests {
  @Test func `a receipt of an attempt that failed does not stand for one that is done`()
    async throws
  {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,one", "B,d,1"))
    try place.interruptFailing(claim)
    // Killed before the manifest said failed; the person sweeps hidden files away, and allows rejected records.
    try OutboxFile.removeAll(of: claim.taskID, from: place.folders.outbox)
    let next = try Workplace(after: place, [.maxRejects: "all"])
    try await next.restart()
    #expect(try next.task(claim.taskID).status == .done)
    let name = try #require(try next.task(claim.taskID).resultName)
    #expect(try next.receipt("\(name).receipt.json").status == "done")
  }

  @Test func `a failure whose receipt is out stands, whatever the settings are by then`()
    async throws
  {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,one", "B,d,1"))
    try place.interruptFailing(claim)
    let next = try Workplace(after: place, [.maxRejects: "all"])
    try await next.restart()
    #expect(try next.task(claim.taskID).status == .failed)
    #expect(try next.outbox() == ["plays.csv.receipt.json", "plays.rejects.csv"])
  }

  @Test func `a failed task that is retried has a receipt of its new end`() async throws {
    let place = try Workplace()
    let claim = try place.claim("")
    try await place.process([claim])
    let folder = Folders.name(of: claim.taskID)
    try place.folders.archive.rename(folder, to: place.folders.work, as: folder)
    try Data(csv("A,d,1").utf8).write(
      to: URL(fileURLWithPath: place.settings.state + "/work/\(claim.taskID)/plays.csv"))
    try place.store.requeue(claim.taskID, reason: "a person asked for it", at: .now())
    try await place.restart()
    let task = try place.task(claim.taskID)
    #expect(task.status == .done)
    let name = try #require(task.resultName)
    #expect(try place.receipt("\(name).receipt.json").status == "done")
  }

  @Test func `a changed line ending after a kill leaves one result and one receipt`() async throws {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,1"))
    try place.interrupt(claim, after: .receiptNamed)
    let next = try Workplace(after: place, [.lineEnding: "crlf"])
    try await next.restart()
    #expect(try next.outbox().count == 2)
  }

  @Test func `a kill while a set moves on to the next number leaves nothing under the old one`()
    async throws
  {
    let place = try Workplace([.maxRejects: "all"])
    let claim = try place.claim(csv("A,d,1", "B,d,none"))
    let pipeline = place.pipeline()
    try pipeline.record([claim])
    try place.store.start(claim.taskID, at: .now())
    // The result's name was taken by somebody else, so the rejects have theirs under number 2 by
    // now; the manifest is told only after both have.
    var file = try OutboxFile(.rejects, of: claim.taskID, in: place.folders.outbox)
    try file.write(Array("rejects".utf8))
    let sealed = try file.seal()
    try place.folders.outbox.rename(
      sealed.hiddenName, to: place.folders.outbox, as: #require(FileName("plays.2.rejects.csv")))
    try place.put("theirs", inOutboxAs: "plays.csv")
    try place.store.reserveOutputNumber(
      claim.taskID, 1, resultName: FileName("plays.csv"), rejectsSHA256: sealed.sha256)
    try await Workplace(after: place, [.maxRejects: "all"]).restart()
    #expect(
      try place.outbox() == [
        "plays.2.csv", "plays.2.csv.receipt.json", "plays.2.rejects.csv", "plays.csv",
      ])
    #expect(try place.contents("plays.2.rejects.csv") != "rejects")
  }
}
