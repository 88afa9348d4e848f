import Files
import Foundation
import Inbox
import Synchronization
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// Names that are taken between their reservation and the rename.
struct PublisherTests {
  private let place: Workplace
  private let pipeline: Pipeline
  private let claim: ClaimedFile

  init() throws {
    place = try Workplace([.maxRejects: "all"])
    pipeline = place.pipeline()
    claim = try place.claim(csv("A,d,1", "B,d,none"))
    try pipeline.record([claim])
    try place.store.start(claim.taskID, at: .now())
  }

  private func sealed(_ role: OutboxFile.Role, _ text: String) throws -> SealedFile {
    var file = try OutboxFile(role, of: claim.taskID, in: place.folders.outbox)
    try file.write(Array(text.utf8))
    return try file.seal()
  }

  /// Reserves, lets somebody else put files into the outbox, and publishes.
  private func publish(after foreign: [String]) throws -> OutputNames {
    let stored = try #require(try place.store.task(claim.taskID))
    var publisher = try Publisher(
      stored, rejects: try sealed(.rejects, "our rejects"),
      result: try sealed(.result, "our result"), context: pipeline.context)
    #expect(publisher.names.result.text == "plays.csv")
    for name in foreign { try place.put("theirs", inOutboxAs: name) }
    try publisher.publish(Receipt(of: stored.record, status: .done))
    return publisher.names
  }

  @Test(arguments: [
    ["plays.csv"], ["plays.rejects.csv"], ["plays.csv.receipt.json"],
    ["plays.csv", "plays.rejects.csv", "plays.csv.receipt.json"],
  ])
  func `a file that appears under one of the names moves the whole set on`(foreign: [String]) throws
  {
    #expect(try publish(after: foreign).result.text == "plays.2.csv")
    for name in foreign { #expect(try place.contents(name) == "theirs") }
    #expect(try place.contents("plays.2.csv") == "our result")
    #expect(try place.contents("plays.2.rejects.csv") == "our rejects")
    let receipt = try place.receipt("plays.2.csv.receipt.json")
    #expect(receipt.resultName == "plays.2.csv")
    #expect(receipt.rejectsName == "plays.2.rejects.csv")
    // Nothing hidden is left, and nothing of ours under the first names.
    let ours = ["plays.2.csv", "plays.2.csv.receipt.json", "plays.2.rejects.csv"]
    #expect(try place.outbox() == (foreign + ours).sorted())
    let stored = try #require(try place.store.task(claim.taskID))
    #expect(stored.outputNumber == 2)
    #expect(stored.record.resultName == "plays.2.csv")
  }

  /// A consumer may take it the moment it is visible; a kill the moment after must not leave its name unknown.
  @Test func `the manifest has the next number before the result is visible under it`() throws {
    let atCommits = Mutex<[[String]]>([])
    let outbox = place.settings.outbox
    place.store.onCommit {
      do {
        let names = try FileManager.default.contentsOfDirectory(atPath: outbox)
        atCommits.withLock { $0.append(names.filter { !$0.hasPrefix(".") }.sorted()) }
      } catch {
        Issue.record(error)
      }
    }
    #expect(try publish(after: ["plays.csv"]).result.text == "plays.2.csv")
    #expect(atCommits.withLock { $0 } == [["plays.2.rejects.csv", "plays.csv"]])
  }

  @Test func `files that appear under the next names too are passed over`() throws {
    let names = try publish(after: ["plays.csv", "plays.2.rejects.csv", "plays.3.csv.receipt.json"])
    #expect(names.result.text == "plays.4.csv")
  }

  @Test(arguments: ["plays.csv", "plays.rejects.csv", "plays.csv.receipt.json"])
  func `a directory or a foreign file that lies there before is never touched`(name: String)
    async throws
  {
    _ = try place.folders.outbox.directory(#require(FileName(name)))
    let task = try await place.process(csv("Z,d,1"))
    #expect(task.resultName == "plays.2.csv")
    #expect(try place.folders.outbox.status(of: #require(FileName(name)))?.kind == .directory)
  }

  @Test func `a foreign file with the very bytes of the result is still somebody else's`()
    async throws
  {
    let place = try Workplace()
    try place.put("Song,Date,Total Number of Plays for Date\nA,d,1\n", inOutboxAs: "plays.csv")
    let task = try await place.process(csv("A,d,1"))
    #expect(task.resultName == "plays.2.csv")
    #expect(try place.receipt("plays.2.csv.receipt.json").resultName == "plays.2.csv")
  }

  @Test func `names are free again when a task has ended`() async throws {
    let place = try Workplace()
    let claims = try (1...2).map { try place.claim(csv("A,d,\($0)")) }
    let pipeline = place.pipeline()
    try pipeline.record([claims[0]])
    pipeline.close()
    try await pipeline.runWorkers()
    for name in try place.folders.outbox.entries() { try place.folders.outbox.remove(name) }
    try pipeline.record([claims[1]])
    try await pipeline.runWorkers()
    #expect(try place.task(claims[1].taskID).resultName == "plays.csv")
  }
}
