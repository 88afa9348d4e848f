import GRDB
import TaskModel
import Testing

@testable import TaskStore

/// What a test does to bring a task somewhere, or tries to do with it.
enum Step: String, CaseIterable, Sendable {
  case start, progress, append, finishIngest, finish, fail, requeue, reserve

  func run(_ task: TaskID, in fixture: StoreFixture) throws {
    switch self {
    case .start: try fixture.store.start(task, at: StoreFixture.time(5))
    case .progress: try fixture.store.progress(task, StoreFixture.progress(1))
    case .append: try fixture.append([PlayRow("a", "d", 1)], to: task)
    case .finishIngest: _ = try fixture.ingested([], by: task)
    case .finish: try fixture.finish(task)
    case .fail: try fixture.fail(task)
    case .requeue: try fixture.store.requeue(task, reason: "a test", at: StoreFixture.time(6))
    case .reserve:
      try fixture.store.reserveOutputNumber(task, 3, resultName: nil, rejectsSHA256: nil)
    }
  }
}

@Suite struct StatusTests {
  /// The steps to a state, and the steps that it allows.
  struct Place: Sendable, CustomTestStringConvertible {
    var name: String
    var path: [Step]
    var allowed: Set<Step>
    var testDescription: String { name }
  }

  static let places = [
    Place(name: "queued", path: [], allowed: [.start]),
    Place(
      name: "ingesting", path: [.start],
      allowed: [.progress, .append, .finishIngest, .fail, .requeue, .reserve]),
    Place(
      name: "publishing", path: [.start, .append, .finishIngest],
      allowed: [.finish, .fail, .requeue, .reserve]),
    Place(name: "done", path: [.start, .finishIngest, .finish], allowed: []),
    Place(name: "failed", path: [.start, .fail], allowed: [.requeue]),
  ]

  @Test(arguments: places, Step.allCases)
  func `a step that the status does not allow is refused and changes nothing`(
    place: Place, step: Step
  ) throws {
    let fixture = try StoreFixture()
    let task = try fixture.added(1)
    for earlier in place.path { try earlier.run(task, in: fixture) }
    if place.allowed.contains(step) {
      try step.run(task, in: fixture)
      return
    }
    let before = try fixture.sql("SELECT * FROM manifest")
    #expect {
      try step.run(task, in: fixture)
    } throws: { error in
      guard case StoreError.illegalTransition(task, _, _, _) = error else { return false }
      return true
    }
    #expect(try fixture.sql("SELECT * FROM manifest") == before)
    #expect(try fixture.count("event_rows") == place.path.filter(\.leavesEvent).count + 1)
  }

  @Test(arguments: Step.allCases)
  func `a task that does not exist is named in the error`(step: Step) throws {
    let fixture = try StoreFixture()
    let task = StoreFixture.id(9)
    #expect(throws: StoreError.unknownTask(task)) { try step.run(task, in: fixture) }
  }

  @Test func `every status and phase of the model is one of the schema`() throws {
    let fixture = try StoreFixture()
    try fixture.added(1)
    try fixture.store.pool.write { database in
      for status in TaskStatus.allCases {
        let phases: [TaskPhase?] = status == .running ? TaskPhase.allCases : [nil]
        for phase in phases {
          try database.execute(
            sql: "UPDATE manifest SET status = ?, phase = ?",
            arguments: [status.rawValue, phase?.rawValue])
        }
      }
    }
  }

  @Test(arguments: [
    "status = 'lost'", "status = 'running'", "phase = 'ingesting'", "plays_sum = 1.5",
    "output_number = 0", "rows_read = 1.5", "rows_read = 'many'", "\"columns\" = 'guess'",
  ])
  func `the schema refuses what no task can be`(assignment: String) throws {
    let fixture = try StoreFixture()
    try fixture.added(1)
    #expect(throws: (any Error).self) {
      try fixture.store.pool.write { database in
        try database.execute(sql: "UPDATE manifest SET \(assignment)")
      }
    }
  }

  @Test func `a task keeps all that was said of it`() throws {
    var fixture = try StoreFixture()
    let task = try fixture.started(1, name: "März, \"final\"\n.csv")
    let rows = [PlayRow("a", "d", .max), PlayRow("b", "d", .max)]
    _ = try fixture.ingested(rows, by: task)
    try fixture.finish(task)
    try fixture.reopen()
    let stored = try #require(try fixture.store.task(task))
    let record = stored.record
    #expect(record.name == "März, \"final\"\n.csv")
    #expect(record.status == .done)
    #expect(record.phase == nil)
    #expect(record.sizeBytes == 100)
    #expect(record.bytesRead == 40)
    #expect(record.rowsRead == 2)
    #expect(record.groups == 2)
    #expect(record.playsSum == Int128(Int64.max) * 2)
    #expect(record.sha256 == StoreFixture.sha256(of: task))
    #expect(record.attempts == 1)
    #expect(record.queuedAt == StoreFixture.time(1))
    #expect(record.startedAt == StoreFixture.time(1))
    #expect(record.finishedAt == StoreFixture.time(0))
    #expect(record.resultName == "plays.csv")
    #expect(stored.columns == .name)
    #expect(stored.outputNumber == 1)
    #expect(stored.resultBytes == 10)
    #expect(stored.resultSHA256 == String(repeating: "0", count: 64))
    #expect(stored.rejectsSHA256 == String(repeating: "8", count: 64))
    #expect(
      try fixture.store.events(of: task).map(\.kind) == ["queued", "started", "ingested", "done"])
  }

  @Test func `adding a task again leaves it as it is`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    try fixture.added(1, name: "other.csv")
    let record = try #require(try fixture.store.task(task)).record
    #expect(record.status == .running)
    #expect(record.name == "plays-1.csv")
    #expect(try fixture.store.events(of: task).map(\.kind) == ["queued", "started"])
  }

  @Test func `a name that is not UTF-8 comes back byte for byte`() throws {
    let fixture = try StoreFixture()
    let name = try #require(FileName(bytes: [0x62, 0xFF, 0xFE, 0x2E, 0x63, 0x73, 0x76]))
    let task = StoreFixture.id(1)
    try fixture.store.add(
      [NewTask(taskID: task, rawName: name, sizeBytes: 1)], at: StoreFixture.time(1))
    let record = try #require(try fixture.store.task(task)).record
    #expect(record.rawName == name)
    #expect(record.name == "b\\xFF\\xFE.csv")
  }

  @Test func `the identity of a source is kept`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.added(1, identity: "dev 1 inode 2")
    #expect(try fixture.store.task(task)?.sourceIdentity == "dev 1 inode 2")
    try fixture.store.start(task, at: StoreFixture.time(2))
    #expect(try fixture.store.task(task)?.sourceIdentity == "dev 1 inode 2")
  }
}

extension Step {
  fileprivate var leavesEvent: Bool {
    switch self {
    case .start, .finishIngest, .finish, .fail, .requeue: true
    case .progress, .append, .reserve: false
    }
  }
}
