import Files
import Foundation
import TaskModel
import Testing

@testable import Pipeline

/// The one table of what start-up does about a kill.
struct LifeStepTests {
  @Test func `the table in the documents is the one in the code`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let document = try String(
      contentsOf: root.appendingPathComponent("ARCHITECTURE.md"), encoding: .utf8)
    #expect(document.contains(LifeStep.markdown))
  }

  @Test func `every status and phase is a step, and a final one is never begun again`() throws {
    let name = try #require(FileName("a.csv"))
    for status in TaskStatus.allCases {
      let record = TaskRecord(
        taskID: .make(), rawName: name, status: status, sizeBytes: 1, queuedAt: .now())
      let recovery = LifeStep(record).recovery
      #expect((recovery == .archive) == record.status.isFinal)
      #expect(recovery != .none && recovery != .record)
    }
  }
}
