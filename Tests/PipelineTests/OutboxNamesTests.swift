import Files
import TaskModel
import Testing

@testable import Pipeline

struct OutboxNamesTests {
  private let place: Workplace
  private let names: OutboxNames

  init() throws {
    place = try Workplace()
    names = OutboxNames()
  }

  private func task(_ name: String = "plays.csv") throws -> TaskRecord {
    TaskRecord(
      taskID: .make(), rawName: try #require(FileName(name)), status: .running, sizeBytes: 1,
      queuedAt: .now())
  }

  private func isFree(_ names: OutputNames) throws -> Bool {
    try names.all.allSatisfy { try place.folders.outbox.status(of: $0) == nil }
  }

  private func reserve(_ task: TaskRecord, from number: UInt32 = 1) throws -> OutputNames {
    try names.reserve(for: task, from: number, isFree: isFree).names
  }

  @Test func `running tasks of one name get NAME, NAME.2, NAME.3`() throws {
    let found = try (1...3).map { _ in try reserve(task()).result.text }
    #expect(found == ["plays.csv", "plays.2.csv", "plays.3.csv"])
  }

  @Test func `a packed file shares the names of the unpacked one`() throws {
    #expect(try reserve(task("plays.csv.gz")).result.text == "plays.csv")
    #expect(try reserve(task("plays.csv")).result.text == "plays.2.csv")
    #expect(try reserve(task("PLAYS.CSV")).result.text == "PLAYS.csv")
  }

  @Test func `a task that asks twice gets its own reservation again`() throws {
    let task = try task()
    #expect(try reserve(task) == reserve(task))
  }

  @Test(arguments: ["plays.csv", "plays.csv.receipt.json", "plays.rejects.csv"])
  func `a foreign file under any name of a set moves the whole set on`(name: String) throws {
    try place.put("theirs", inOutboxAs: name)
    let found = try reserve(task())
    #expect(found.result.text == "plays.2.csv")
    #expect(found.receipt.text == "plays.2.csv.receipt.json")
    #expect(found.rejects.text == "plays.2.rejects.csv")
  }

  @Test func `a name that exists is passed over without being kept`() throws {
    try place.put("theirs", inOutboxAs: "plays.csv")
    let first = try task()
    #expect(try reserve(first).result.text == "plays.2.csv")
    try place.folders.outbox.remove(#require(FileName("plays.csv")))
    #expect(try reserve(task()).result.text == "plays.csv")
  }

  @Test func `a released name is free again`() throws {
    let task = try task()
    let first = try reserve(task)
    names.release(first, of: task.taskID)
    #expect(try reserve(self.task()) == first)
  }

  @Test func `a reservation is given back by its holder only`() throws {
    let first = try reserve(task())
    names.release(first, of: .make())
    #expect(try reserve(task()).result.text == "plays.2.csv")
  }

  @Test func `rejects and a result that would have one name are kept apart`() throws {
    #expect(try reserve(task("a.csv")).rejects.text == "a.rejects.csv")
    #expect(try reserve(task("a.rejects.csv")).result.text == "a.rejects.2.csv")
  }

  @Test func `many tasks of one name at once never share a set`() async throws {
    let names = names
    let tasks = try (0..<64).map { _ in try task() }
    let found = try await withThrowingTaskGroup(of: [FileName].self) { group in
      for quarter in 0..<4 {
        group.addTask {
          try await onThread(named: "reserving") {
            try tasks[quarter * 16..<quarter * 16 + 16].map { task in
              try names.reserve(for: task, from: 1, isFree: { _ in true }).names.result
            }
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(found).count == 64)
    #expect(Set(found.map(\.text)).isSuperset(of: ["plays.csv", "plays.2.csv", "plays.64.csv"]))
  }
}
