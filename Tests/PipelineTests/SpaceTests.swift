import Files
import Inbox
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// `min-free`: a task waits for disk space, says so, and nothing of it is lost or half done.
struct SpaceTests {
  @Test func `a task that is not begun for want of space says so, and is done once there is some`()
    async throws
  {
    let place = try Workplace([.minFree: "1000000TiB"])
    let claim = try place.claim(csv("a,d,1"))
    let summary = try await place.process([claim])
    let reason = try #require(summary.givenUp.first)
    #expect(reason.contains("waits for disk space"))
    #expect(try place.task(claim.taskID).status == .queued)
    #expect(try place.task(claim.taskID).attempts == 0)
    let waiting = try place.store.events(of: claim.taskID).filter { $0.kind == "waiting" }
    #expect(waiting.map(\.detail) == [reason])
    #expect(try place.outbox() == [])
    let next = try Workplace(after: place, [.minFree: "0"])
    try await next.restart()
    #expect(try next.task(claim.taskID).status == .done)
    #expect(try next.count("plays") == 1)
  }

  /// What a file has its task write: nothing of it may be written where less is free than `min-free`.
  enum Step: CaseIterable {
    case rows
    case result
    case rejects

    var text: String {
      switch self {
      case .rows:
        csv() + (0..<20_000).map { "A song with quite a long title \($0),d,1\n" }.joined()
      case .result: csv("A,d,1")
      case .rejects: csv() + String(repeating: "A,d,none\n", count: 20_000)
      }
    }
  }

  @Test(arguments: Step.allCases)
  func `rows, result and rejects are not begun where the space is gone by then`(step: Step) throws {
    let place = try Workplace([
      .minFree: "1000000TiB", .maxRejects: "all", .memory: "1MiB", .workers: "1",
    ])
    let claim = try place.claim(step.text)
    // As if there had been enough when the task began, which is looked at before this.
    let shortage = #expect(throws: SpaceShortage.self) { try Self.ingest(claim, in: place) }
    #expect(shortage?.path == place.settings.outbox)
    #expect(try place.count("play_rows") == 0)
    for name in try place.outbox() { #expect(try place.bytes(name) == [], "\(name)") }
  }

  /// Reads a claimed file and writes its result, as `TaskRun` does.
  private static func ingest(_ claim: ClaimedFile, in place: Workplace) throws {
    let pipeline = place.pipeline()
    try pipeline.record([claim])
    try place.store.start(claim.taskID, at: .now())
    let record = try place.task(claim.taskID)
    var ingest = try Ingest(
      record, input: try InputFile(of: record, in: place.folders.work), context: pipeline.context)
    try ingest.run()
    _ = try ingest.sealRejects()
    _ = try Totals.write(of: record, &ingest, context: pipeline.context)
  }
}
