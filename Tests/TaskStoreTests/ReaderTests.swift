import Foundation
import GRDB
import Glibc
import PlayRows
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

@Suite struct ReaderTests {
  @Test func `a reader without a database says what to do`() throws {
    let directory = try TemporaryDirectory()
    let error = StoreError.missing(path: directory.path(of: "watchd.db"))
    #expect(throws: error) { try TaskReader.open(directory: directory.path) }
    #expect(error.description.hasPrefix("there is no database at "))
    #expect(error.description.contains("--state"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
  }

  @Test func `a reader sees what was committed while the daemon is up`() throws {
    let fixture = try StoreFixture()
    let reader = try TaskReader.open(directory: fixture.directory.path)
    let task = try fixture.added(1)
    #expect(try reader.task(task)?.record.status == .queued)
    try fixture.store.start(task, at: StoreFixture.time(2))
    #expect(try reader.task(task)?.record.phase == .ingesting)
    try reader.close()
  }

  @Test func `a reader sees all after the daemon stopped`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.done(1, [PlayRow("a", "d", 1)])
    try fixture.store.close()
    let reader = try TaskReader.open(directory: fixture.directory.path)
    #expect(try reader.task(task)?.record.status == .done)
    try reader.close()
  }

  @Test func `a reader opens a database without its log files`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.added(1)
    try fixture.store.close()
    for suffix in ["-wal", "-shm"] {
      try FileManager.default.removeItem(atPath: fixture.path + suffix)
    }
    let reader = try TaskReader.open(directory: fixture.directory.path)
    #expect(try reader.task(task)?.record.status == .queued)
  }

  @Test func `a reader cannot write`() throws {
    let fixture = try StoreFixture()
    let reader = try TaskReader.open(directory: fixture.directory.path)
    #expect(throws: StoreError.self) {
      try reader.read("write") { queries in
        try queries.database.execute(sql: "DELETE FROM manifest")
      }
    }
  }

  @Test func `what a killed daemon had committed is there and the rest is not`() async throws {
    let directory = try TemporaryDirectory()
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
      let store = try TaskStore.open(directory: path)
      let name = try #require(FileName("killed.csv"))
      try store.add(
        [NewTask(taskID: StoreFixture.id(1), rawName: name, sizeBytes: 1)],
        at: StoreFixture.time(1))
      try store.start(StoreFixture.id(1), at: StoreFixture.time(2))
      try store.appendBatch(
        StoreFixture.id(1), run: 1, progress: StoreFixture.progress(1),
        rows: RowBlock([PlayRow("a", "d", 1)]), rejects: [])
      try store.write("be killed in the middle") { transaction in
        try transaction.run("UPDATE manifest SET name = 'half done'", [])
        kill(getpid(), SIGKILL)
      }
    }
    let log = try FileManager.default.attributesOfItem(atPath: directory.path(of: "watchd.db-wal"))
    #expect((log[.size] as? Int ?? 0) > 0)
    let reader = try TaskReader.open(directory: directory.path)
    let record = try #require(try reader.task(StoreFixture.id(1))).record
    #expect(record.name == "killed.csv")
    #expect(record.phase == .ingesting)
    try reader.close()

    let store = try TaskStore.open(directory: directory.path)
    #expect(try store.unfinished().map(\.record) == [record])
    try store.requeue(record.taskID, reason: "the daemon was killed", at: StoreFixture.time(3))
    #expect(try store.unfinished().map(\.record.rowsRead) == [0])
    try store.close()
  }

  /// As another user, who may read the folder and not write in it: only root can put this on stage.
  @Test(
    .enabled(if: geteuid() == 0, "SKIPPED: only root can become another user"),
    arguments: [false, true])
  func `a reader without write permission reads with the daemon up and down`(
    up: Bool
  ) async throws {
    let fixture = try StoreFixture()
    try fixture.done(1, [PlayRow("a", "d", 1)])
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: fixture.directory.path)
    if !up { try fixture.store.close() }
    await #expect(processExitsWith: .success) { [path = fixture.directory.path as String] in
      #expect(setgid(65534) == 0)
      #expect(setuid(65534) == 0)
      #expect(!FileManager.default.isWritableFile(atPath: path))
      let reader = try TaskReader.open(directory: path)
      #expect(try reader.task(StoreFixture.id(1))?.record.status == .done)
    }
    if up { #expect(try fixture.store.counts() == [.done: 1]) }
  }

  @Test func `a snapshot stays what it was while the writer works`() throws {
    let fixture = try StoreFixture()
    let one = try fixture.added(1)
    let reader = try TaskReader.open(directory: fixture.directory.path)
    try reader.read("look twice") { queries in
      let before = try queries.task(one)
      try fixture.store.start(one, at: StoreFixture.time(2))
      try fixture.added(2)
      #expect(try queries.task(one) == before)
      #expect(try queries.counts() == [.queued: 1])
    }
    #expect(try reader.counts() == [.queued: 1, .running: 1])
  }

  @Test func `readers that come and go never checkpoint`() throws {
    let fixture = try StoreFixture()
    let task = try fixture.started(1)
    _ = try fixture.store.checkpoint(.truncate)
    let rows = (0..<2000).map { PlayRow("song \($0)", "2024-01-01", 1) }
    var size = 0
    for _ in 1...5 {
      try fixture.append(rows, to: task)
      let reader = try TaskReader.open(directory: fixture.directory.path)
      #expect(try reader.counts() == [.running: 1])
      try reader.close()
      let log = try FileManager.default.attributesOfItem(atPath: fixture.path + "-wal")
      let now = log[.size] as? Int ?? 0
      #expect(now > size)
      size = now
    }
    // All that was written since is still in the log for the writer to copy.
    let result = try fixture.store.checkpoint(.passive)
    #expect(result.frames == (size - 32) / (4096 + 24))
    #expect(result.copied == result.frames)
    #expect(try fixture.store.checkpoint(.truncate).frames == 0)
    let log = try FileManager.default.attributesOfItem(atPath: fixture.path + "-wal")
    #expect(log[.size] as? Int == 0)
  }

  @Test func `a checkpoint says how much a reader holds back`() throws {
    let fixture = try StoreFixture()
    let reader = try TaskReader.open(directory: fixture.directory.path)
    try reader.read("hold a snapshot") { queries in
      _ = try queries.counts()
      try fixture.added(1)
      let result = try fixture.store.checkpoint(.passive)
      #expect(result.copied < result.frames)
    }
    let result = try fixture.store.checkpoint(.passive)
    #expect(result.copied == result.frames)
  }
}
