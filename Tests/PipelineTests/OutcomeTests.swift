import Files
import Foundation
import Inbox
import TaskModel
import TestSupport
import Testing

@testable import Pipeline

/// A whole file through the workers, and what it leaves in outbox, database and folders.
struct OutcomeTests {
  @Test func `a file becomes a sorted result, a receipt and rows`() async throws {
    let place = try Workplace()
    let task = try await place.process(
      csv("Yesterday,2024-01-02,4", "Hey Jude,2024-01-01,3", "Yesterday,2024-01-02,5"))
    #expect(task.status == .done)
    #expect(task.phase == nil)
    #expect(task.attempts == 1)
    #expect(task.rowsRead == 3)
    #expect(task.groups == 2)
    #expect(task.playsSum == 12)
    #expect(task.resultName == "plays.csv")
    #expect(try place.outbox() == ["plays.csv", "plays.csv.receipt.json"])
    #expect(
      try place.contents("plays.csv") == """
        Song,Date,Total Number of Plays for Date
        Hey Jude,2024-01-01,3
        Yesterday,2024-01-02,9

        """)
    #expect(try place.plays() == ["Hey Jude|2024-01-01|3", "Yesterday|2024-01-02|9"])
    #expect(try place.work() == [])
    #expect(try place.archive() == [task.taskID.description])
    try place.expectSound()
  }

  @Test func `with keep rows every row of the file is a row, and the result is the same`()
    async throws
  {
    let place = try Workplace([.keep: "rows"])
    let task = try await place.process(csv("A,d,1", "B,d,2", "A,d,3"))
    #expect(task.status == .done)
    #expect(try place.plays() == ["A|d|1", "A|d|3", "B|d|2"])
    #expect(
      try place.contents("plays.csv") == "Song,Date,Total Number of Plays for Date\nA,d,4\nB,d,2\n")
  }

  @Test func `a header and no rows is done with a result of only a header`() async throws {
    let place = try Workplace()
    let task = try await place.process(csv())
    #expect(task.status == .done)
    #expect(task.groups == 0)
    #expect(try place.contents("plays.csv") == "Song,Date,Total Number of Plays for Date\n")
  }

  @Test func `a file at fault has a receipt, no result and no rows`() async throws {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,1", "\"B,d,2"))
    let summary = try await place.process([claim])
    let task = try place.task(claim.taskID)
    #expect(summary.failed == 1)
    #expect(summary.done == 0)
    #expect(summary.givenUp == [])
    #expect(task.status == .failed)
    #expect(task.errorCode == .unclosedQuote)
    #expect(task.resultName == nil)
    #expect(try place.outbox() == ["plays.csv.receipt.json"])
    let receipt = try place.receipt()
    #expect(receipt.status == "failed")
    #expect(receipt.errorCode == "unclosed-quote")
    #expect(receipt.error == task.error)
    #expect(receipt.resultName == nil)
    #expect(receipt.sha256?.count == 64)
    #expect(try place.plays() == [])
    #expect(try place.archive() == [task.taskID.description])
    try place.expectSound()
  }

  @Test func `a file without bytes fails as empty`() async throws {
    let place = try Workplace()
    #expect(try await place.process("").errorCode == .empty)
  }

  @Test func `a failed file does not stand in the way of its corrected version`() async throws {
    let place = try Workplace()
    let failed = try await place.process(csv("A,d,one"))
    let corrected = try await place.process(csv("A,d,1"))
    #expect(failed.status == .failed)
    #expect(corrected.status == .done)
    #expect(corrected.resultName == "plays.2.csv")
    #expect(
      try place.outbox() == [
        "plays.2.csv", "plays.2.csv.receipt.json", "plays.csv.receipt.json", "plays.rejects.csv",
      ])
  }

  @Test func `archive delete leaves nothing of the original`() async throws {
    let place = try Workplace([.archive: "delete"])
    #expect(try await place.process(csv("A,d,1")).status == .done)
    #expect(try place.work() == [])
    #expect(try place.archive() == [])
  }

  @Test(arguments: [true, false])
  func `a file that was taken out of the work folder fails with a sentence`(withFolder: Bool)
    async throws
  {
    let place = try Workplace()
    let claim = try place.claim(csv("A,d,1"))
    let folder = Folders.name(of: claim.taskID)
    try place.folders.work.directory(folder).remove(claim.name)
    if withFolder { try place.folders.work.removeDirectory(folder) }
    let summary = try await place.process([claim])
    #expect(summary.failed == 1)
    #expect(try place.task(claim.taskID).errorCode == .internal)
    #expect(try place.receipt().error?.contains("send it again") == true)
    #expect(try place.work() == [])
  }

  @Test func `a file that lost its end after it was taken fails and counts nothing`() async throws {
    let place = try Workplace()
    var claim = try place.claim(csv("A,d,1"))
    claim = ClaimedFile(
      taskID: claim.taskID, name: claim.name, size: claim.size + 6, source: nil)
    #expect(try await place.process([claim]).failed == 1)
    let error = try #require(try place.task(claim.taskID).error)
    #expect(error.hasPrefix("The file has 32 bytes where it had 38 when it was taken"))
    #expect(try place.receipt().error == error)
    #expect(try place.plays() == [])
  }

  @Test func `many files through several workers each become their own result`() async throws {
    let place = try Workplace([.workers: "4"])
    let claims = try (1...60).map { number in
      try place.claim(csv("Song \(number),d,\(number)"), as: "plays-\(number).csv")
    }
    let summary = try await place.process(claims)
    #expect(summary.done == 60)
    #expect(try place.outbox().count == 120)
    #expect(try place.count("plays") == 60)
    for (index, claim) in claims.enumerated() {
      let text = try place.contents(claim.name.text)
      #expect(text.hasSuffix("\nSong \(index + 1),d,\(index + 1)\n"))
    }
    try place.expectSound()
  }

  /// It took the file's place between a look and the claim, and could not go back where a file was by then.
  @Test func `a claimed link is not followed and fails, with its receipt`() async throws {
    let place = try Workplace()
    let claim = try place.claim(csv("Secret,d,1"))
    let folder = try place.folders.work.directory(Folders.name(of: claim.taskID))
    let path = folder.path + "/plays.csv"
    let other = place.directory.path(of: "secret.csv")
    try FileManager.default.moveItem(atPath: path, toPath: other)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other)
    try await place.process([claim])
    let task = try place.task(claim.taskID)
    #expect(task.status == .failed)
    #expect(task.errorCode == .internal)
    #expect(try place.plays() == [])
    #expect(try place.outbox() == ["plays.csv.receipt.json"])
  }
}
