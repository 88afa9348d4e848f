import Files
import Foundation
import Inbox
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

/// What is not the file's fault is never counted against it.
struct MachineFailureTests {
  /// Directories under the hidden names of a task's files: they can be neither replaced nor removed.
  private func obstacles(_ claim: ClaimedFile) throws -> [FileName] {
    try ["result", "rejects"].map { try #require(FileName(".watchd-\(claim.taskID).\($0)")) }
  }

  private func obstruct(_ claim: ClaimedFile, in place: Workplace) throws {
    for name in try obstacles(claim) { _ = try place.folders.outbox.directory(name) }
  }

  private func clear(_ claim: ClaimedFile, in place: Workplace) throws {
    for name in try obstacles(claim) { try place.folders.outbox.removeDirectory(name) }
  }

  @Test(arguments: ["A,d,1", "A,d,one"])
  func `a task that the machine failed is queued again, and the next process ends it`(row: String)
    async throws
  {
    let place = try Workplace()
    let claim = try place.claim(csv(row))
    try obstruct(claim, in: place)
    let summary = try await place.process([claim])
    #expect(summary.done == 0)
    #expect(summary.failed == 0)
    #expect(summary.givenUp.count == 1)
    #expect(summary.givenUp.first?.contains("outbox") == true)
    let task = try place.task(claim.taskID)
    #expect(task.status == .queued)
    #expect(task.error == nil)
    #expect(task.rowsRead == 0)
    #expect(try place.plays() == [])
    #expect(try place.work() == [claim.taskID.description])
    try place.expectSound()

    try clear(claim, in: place)
    let next = try Workplace(after: place)
    let second = try await next.restart()
    #expect(second.done + second.failed == 1)
    #expect(try next.task(claim.taskID).status == (row == "A,d,1" ? .done : .failed))
    #expect(try next.outbox().contains("plays.csv.receipt.json"))
    #expect(try next.work() == [])
    try next.expectSound()
  }

  @Test func `a task is tried again as often as was said, each attempt counted`() async throws {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,1"))
    try obstruct(claim, in: place)
    let summary = try await place.process([claim], mostAttempts: 2)
    #expect(summary.givenUp.count == 1)
    #expect(try place.task(claim.taskID).attempts == 2)
  }

  @Test func `one task that the machine fails does not hold up the others`() async throws {
    let place = try Workplace()
    let (stuck, free) = (try place.claim(csv("A,d,1")), try place.claim(csv("B,d,2"), as: "b.csv"))
    // A directory under the hidden name of its result can be neither replaced nor removed.
    _ = try place.folders.outbox.directory(#require(FileName(".watchd-\(stuck.taskID).result")))
    let summary = try await place.process([stuck, free])
    #expect(summary.done == 1)
    #expect(summary.givenUp.count == 1)
    #expect(try place.task(free.taskID).status == .done)
    #expect(try place.task(stuck.taskID).status.isFinal == false)
    #expect(try place.plays() == ["B|d|2"])
    try place.folders.outbox.removeDirectory(#require(FileName(".watchd-\(stuck.taskID).result")))
    #expect(try await Workplace(after: place).restart().done == 1)
    #expect(try place.plays() == ["A|d|1", "B|d|2"])
    #expect(
      try place.outbox() == [
        "b.csv", "b.csv.receipt.json", "plays.csv", "plays.csv.receipt.json",
      ])
    try place.expectSound()
  }

  @Test func `where the receipt cannot be made the rows do not count yet`() async throws {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,1"))
    let obstacle = try #require(FileName(".watchd-\(claim.taskID).receipt"))
    _ = try place.folders.outbox.directory(obstacle)
    #expect(try await place.process([claim]).givenUp.count == 1)
    // A result without a receipt is not announced.
    #expect(try place.outbox() == [obstacle.text])
    #expect(try place.plays() == [])
    try place.folders.outbox.removeDirectory(obstacle)
    #expect(try await Workplace(after: place).restart().done == 1)
    #expect(try place.outbox() == ["plays.csv", "plays.csv.receipt.json"])
    #expect(try place.plays() == ["A|d|1"])
    try place.expectSound()
  }

  @Test(arguments: zip([1, 2, 3, 6, 7, 8, 1000], [1, 2, 4, 32, 60, 60, 60]))
  func `the wait before a retry doubles up to a minute`(attempt: Int, seconds: Int) {
    #expect(Backoff.delay(beforeRetry: attempt) == .seconds(seconds))
  }
}
