import Files
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Operations

/// Sentences for tasks at moments that a running daemon passes in a millisecond.
struct WhyTests {
  private let fixture: StoreFixture
  /// Holds the lock as the daemon would.
  private let lock: Directory

  init() throws {
    fixture = try StoreFixture()
    lock = try Directory.open(fixture.directory.path, create: false)
    #expect(try lock.lock())
  }

  private func why(_ text: String) throws -> Explanation { try fixture.operations.why(text) }

  @Test func `a queued task says how many are before it`() throws {
    for number in 1...3 { try fixture.queued(number, name: "\(number).csv") }
    #expect(try why("1.csv").sentence == "it is queued, and is the next one")
    #expect(try why("2.csv").sentence == "it is queued behind 1 other")
    #expect(try why("3.csv").sentence == "it is queued behind 2 others")
    #expect(try why("3.csv").reason == .queued)
  }

  @Test func `a task whose publication is tried again says why`() throws {
    let id = try fixture.queued(1, name: "a.csv")
    try fixture.store.start(id, at: StoreFixture.time(1))
    try fixture.store.beginFailing(
      id, FileFailure(.empty, "Empty."),
      progress: IngestProgress(bytesRead: 0, rowsRead: 0, rowsRejected: 0), sha256: nil,
      columns: nil, rejects: [], outputNumber: 1, rejectsSHA256: nil)
    #expect(try why("a.csv").reason == .running)
    try fixture.store.noteWaiting(id, reason: "the disk is full", at: StoreFixture.time(2))
    #expect(try why("a.csv").reason == .waiting)
    #expect(
      try why("a.csv").sentence
        == "its rows are read, its result is being written; that waits to be tried again: the disk is full"
    )
  }

  @Test func `a task that goes over what is loaded says so, and how far it is`() throws {
    let id = try fixture.queued(1, name: "a.csv")
    try fixture.store.start(id, at: StoreFixture.time(1))
    try fixture.store.setResumePoint(
      id,
      ResumePoint(
        offset: 90, hashedBytes: 100, hashedSHA256: "abc", line: 9, rowsRead: 8, rowsRejected: 0,
        playsSum: 8, settings: "{}"))
    func tell(bytes: Int64, rows: Int64) throws {
      try fixture.store.progress(
        id, IngestProgress(bytesRead: bytes, rowsRead: rows, rowsRejected: 0))
    }
    try tell(bytes: 50, rows: 0)
    #expect(
      try why("a.csv").sentence
        == "it goes on where it was interrupted, once what is loaded was compared with the file: 50 B of 100 B so far"
    )
    try tell(bytes: 100, rows: 8)
    #expect(try why("a.csv").sentence.hasPrefix("it is "))
  }

  @Test func `a task that is tried again says why, and how often it was tried`() throws {
    let id = try fixture.queued(1, name: "a.csv")
    for _ in 1...2 {
      try fixture.store.start(id, at: StoreFixture.time(1))
      try fixture.store.requeue(id, reason: "the disk is full", at: StoreFixture.time(2))
    }
    let waiting = try why("a.csv")
    #expect(waiting.reason == .waiting)
    #expect(
      waiting.sentence == "it waits to be tried again (tried 2 times so far): the disk is full")
    try fixture.store.start(id, at: StoreFixture.time(3))
    #expect(try why("a.csv").reason == .running)
  }

  @Test func `a running task says how far it is`() throws {
    let id = try fixture.queued(1, name: "a.csv")
    try fixture.store.start(id, at: StoreFixture.time(1))
    #expect(try why("a.csv").sentence == "it is being read: 0 % of 100 B, 0 rows so far")
  }

  @Test func `a task of which the daemon does not run says to start it`() throws {
    let other = try StoreFixture()
    try other.queued(1, name: "a.csv")
    #expect(
      try other.operations.why("a.csv").sentence
        == "it is queued, and is the next one; the daemon does not run: start watchd")
  }

  @Test func `a file between the inbox and the manifest is said to be taken`() throws {
    let name = try #require(FileName("a.csv"))
    let work = try lock.directory(try #require(FileName("work")))
    let folder = try work.directory(try #require(FileName(try StoreFixture.id(1).description)))
    _ = try folder.createFile(name)
    #expect(try why("a.csv").reason == .claimed)
    try fixture.queued(1, name: "a.csv")
    #expect(try why("a.csv").reason == .queued)
  }

  @Test func `reasons are words that scripts can rely on`() {
    #expect(
      Explanation.Reason.allCases.map(\.rawValue) == [
        "queued", "waiting", "running", "done", "duplicate", "failed", "cancelled",
        "open-by-writer", "settling", "unseen", "ignored-name", "not-regular", "no-space",
        "queue-full",
        "daemon-down",
        "not-taken", "claimed", "elsewhere", "never-seen",
      ])
  }

  @Test(
    arguments: [
      (TaskStatus.done, 0, 0), (.done, 1, 2), (.duplicate, 0, 0), (.duplicate, 1, 2),
      (.failed, 0, 3), (.cancelled, 0, 4),
    ] as [(TaskStatus, Int64, Int32)])
  func `the exit code of a task that is over is that of the contract`(
    status: TaskStatus, rejected: Int64, code: Int32
  ) throws {
    var task = TaskRecord(
      taskID: try StoreFixture.id(1), rawName: try #require(FileName("a.csv")), status: status,
      sizeBytes: 1, queuedAt: StoreFixture.time(1))
    task.rowsRejected = rejected
    #expect(task.exitCode == code)
  }
}
