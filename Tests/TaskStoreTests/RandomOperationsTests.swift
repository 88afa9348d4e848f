import GRDB
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

/// The store in a few lines: what is in which task, and who has which content.
private struct Model {
  struct Task: Equatable {
    var status = TaskStatus.queued
    var phase: TaskPhase?
    var rows: [PlayRow] = []
    var content: Int
    var attempts: Int64 = 0
    var duplicateOf: TaskID?
  }

  var tasks: [TaskID: Task] = [:]
  /// Which task has the content.
  var holders: [Int: TaskID] = [:]

  var visible: [PlayRow] {
    tasks.values.filter { task in task.status == .done }.flatMap(\.rows)
  }

  mutating func release(_ id: TaskID) {
    holders = holders.filter { entry in entry.value != id }
  }
}

@Suite struct RandomOperationsTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `random operations end where a simple model of the store ends`(seed: UInt64) throws {
    print("random operations, seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var fixture = try StoreFixture()
    var model = Model()
    for step in 1...400 {
      try Self.advance(&model, fixture, &random)
      if step.isMultiple(of: 40) { try Self.compare(model, fixture) }
      if step.isMultiple(of: 150) { try fixture.reopen() }
    }
    try Self.compare(model, fixture)
    #expect(model.visible.count > 10, "a run that gets nothing done proves nothing")
    #expect(try fixture.sql("PRAGMA integrity_check").first?[0] == "ok")
    #expect(try fixture.sql("PRAGMA foreign_key_check").isEmpty)
  }

  /// One operation that the state of a random task allows.
  private static func advance(
    _ model: inout Model, _ fixture: StoreFixture, _ random: inout SeededGenerator
  ) throws {
    guard let id = model.tasks.keys.sorted().randomElement(using: &random),
      Int.random(in: 0..<6, using: &random) > 0, var task = model.tasks[id]
    else {
      let added = try fixture.added(model.tasks.count + 1)
      model.tasks[added] = Model.Task(content: Int.random(in: 0..<8, using: &random))
      return
    }
    let choice = Int.random(in: 0..<6, using: &random)
    switch (task.status, task.phase) {
    case (.queued, _):
      try fixture.store.start(id, at: StoreFixture.time(1))
      task.status = .running
      task.phase = .ingesting
      task.attempts += 1
    case (.running, .ingesting) where choice < 3:
      let rows = Self.rows(&random)
      try fixture.append(rows, to: id)
      task.rows += rows
    case (.running, .ingesting) where choice < 5:
      try Self.finishIngest(id, &task, &model, fixture, &random)
    case (.running, .publishing) where choice < 4:
      let completion = task.duplicateOf == nil ? Completion.done : .duplicate
      try fixture.finish(id, as: completion)
      task.status = completion.status
      task.phase = nil
      if completion == .duplicate { task.rows = [] }
    case (.running, _), (.failed, _):
      let requeues = task.status == .failed || Bool.random(using: &random)
      if requeues {
        try fixture.store.requeue(id, reason: "chance", at: StoreFixture.time(2))
      } else {
        try fixture.fail(id)
      }
      model.release(id)
      task = Model.Task(
        status: requeues ? .queued : .failed, content: task.content, attempts: task.attempts)
    case (.done, _), (.duplicate, _), (.cancelled, _): break
    }
    model.tasks[id] = task
  }

  private static func finishIngest(
    _ id: TaskID, _ task: inout Model.Task, _ model: inout Model, _ fixture: StoreFixture,
    _ random: inout SeededGenerator
  ) throws {
    let rows = Self.rows(&random)
    let policy = Int.random(in: 0..<4, using: &random) == 0 ? Settings.OnDuplicate.load : .reuse
    let outcome = try fixture.ingested(
      rows, by: id, sha256: "content \(task.content)", onDuplicate: policy)
    if let holder = model.holders[task.content], policy == .reuse {
      guard model.tasks[holder]?.status == .done else {
        #expect(outcome == .undecided(until: holder))
        return
      }
      #expect(outcome == .duplicate(of: holder))
      task.duplicateOf = holder
    } else {
      #expect(outcome == .loaded)
      if model.holders[task.content] == nil { model.holders[task.content] = id }
      task.rows += rows
    }
    task.phase = .publishing
  }

  private static func rows(_ random: inout SeededGenerator) -> [PlayRow] {
    (0..<Int.random(in: 0...4, using: &random)).map { _ in
      PlayRow(
        "song \(Int.random(in: 0..<5, using: &random))",
        "day \(Int.random(in: 0..<3, using: &random))", Int64.random(in: 1...9, using: &random))
    }
  }

  private static func compare(_ model: Model, _ fixture: StoreFixture) throws {
    for (id, task) in model.tasks {
      let record = try #require(try fixture.store.task(id)).record
      #expect(record.status == task.status)
      #expect(record.phase == task.phase)
      #expect(record.attempts == task.attempts)
      #expect(record.duplicateOf == task.duplicateOf)
    }
    func order(_ rows: [PlayRow]) -> [String] {
      rows.map { row in "\(row.song),\(row.date),\(row.plays)" }.sorted()
    }
    #expect(try order(fixture.plays()) == order(model.visible))
    #expect(
      try fixture.count("play_rows") == model.tasks.values.reduce(0) { $0 + $1.rows.count })
    #expect(try fixture.count("fingerprints") == model.holders.count)
    #expect(
      try fixture.store.counts()
        == model.tasks.values.reduce(into: [:]) { counts, task in
          counts[task.status, default: 0] += 1
        })
  }
}
