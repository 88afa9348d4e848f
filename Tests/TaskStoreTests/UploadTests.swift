import GRDB
import TaskModel
import Testing

@testable import TaskStore

@Suite struct UploadTests {
  /// Adds a file named after each number, with that number as its contents unless others are given.
  private func add(
    _ numbers: [Int], named name: String? = nil, sha256: String? = nil, key: String? = nil,
    onDuplicate policy: Settings.OnDuplicate = .reuse, at time: Int = 1, to fixture: StoreFixture
  ) throws -> [UploadedTask] {
    let tasks = try numbers.map { number in
      let name = try #require(FileName(name ?? "\(number).csv"))
      return NewTask(
        taskID: StoreFixture.id(number), rawName: name, sizeBytes: 1,
        sentSHA256: sha256 ?? "\(number)")
    }
    return try fixture.store.add(
      tasks, key: key, onDuplicate: policy, at: StoreFixture.time(time))
  }

  @Test func `the files of a key are those that came with it first`() throws {
    let fixture = try StoreFixture()
    #expect(try add([1, 2], key: "a", to: fixture).map(\.taskID) == [1, 2].map(StoreFixture.id))
    #expect(try add([3, 4], key: "a", to: fixture).map(\.taskID) == [1, 2].map(StoreFixture.id))
    #expect(try add([5], to: fixture).map(\.taskID) == [StoreFixture.id(5)])
    #expect(try fixture.count("manifest") == 3)
  }

  @Test func `the same bytes under the same name are the task that has them, with an event of it`()
    throws
  {
    let fixture = try StoreFixture()
    _ = try add([1], named: "a.csv", sha256: "x", to: fixture)
    let again = try add([2], named: "a.csv", sha256: "x", to: fixture)
    #expect(again.map(\.taskID) == [StoreFixture.id(1)] && again.map(\.isKnown) == [true])
    #expect(
      try fixture.store.events(of: StoreFixture.id(1)).map(\.kind) == ["queued", "sent-again"])
    let others = try [
      add([3], named: "b.csv", sha256: "x", to: fixture),
      add([4], named: "a.csv", sha256: "y", to: fixture),
      add([5], named: "a.csv", sha256: "x", onDuplicate: .load, to: fixture),
    ]
    #expect(others.joined().map(\.taskID) == [3, 4, 5].map(StoreFixture.id))
    #expect(others.joined().map(\.isKnown) == [false, false, false])
  }

  @Test func `a file that is twice in one upload is one task, which the key stands for twice`()
    throws
  {
    let fixture = try StoreFixture()
    let both = [1, 1].map(StoreFixture.id)
    let first = try add([1, 2], named: "a.csv", sha256: "x", key: "k", to: fixture)
    #expect(first.map(\.taskID) == both)
    #expect(try add([3], key: "k", to: fixture).map(\.taskID) == both)
    #expect(try fixture.count("manifest") == 1)
  }

  @Test func `a file that failed, was cancelled, forgotten or pruned is done anew`() throws {
    let fixture = try StoreFixture()
    /// Which of them are new.
    func sent(_ numbers: [Int]) throws -> [Bool] {
      try numbers.map { number in
        let name = "\(number / 10).csv"
        return try add([number], named: name, sha256: name, to: fixture).map(\.taskID)
          == [StoreFixture.id(number)]
      }
    }
    #expect(try sent([10, 20, 30, 40]) == [true, true, true, true])
    try fixture.store.start(StoreFixture.id(10), at: StoreFixture.time(1))
    try fixture.fail(StoreFixture.id(10))
    try fixture.store.cancel(StoreFixture.id(20), at: StoreFixture.time(1))
    for number in [30, 40] {
      let task = StoreFixture.id(number)
      try fixture.store.start(task, at: StoreFixture.time(1))
      _ = try fixture.ingested([], by: task, sha256: "\(number / 10).csv")
      try fixture.finish(task)
    }
    #expect(try sent([31, 41]) == [false, false])
    try fixture.store.forget(StoreFixture.id(30), at: StoreFixture.time(1))
    let pruned = try fixture.store.prune(
      [StoreFixture.id(40)], endedBefore: StoreFixture.time(1), at: StoreFixture.time(2))
    #expect(pruned.tasks == [StoreFixture.id(40)])
    #expect(try sent([11, 21, 32, 42]) == [true, true, true, true])
    #expect(try sent([12, 22, 33, 43]) == [false, false, false, false])
  }

  /// Later than a sent file is known by what was sent, and where it never was sent at all.
  @Test func `a done file is known for ever by its bytes, however it came`() throws {
    let fixture = try StoreFixture()
    let dropped = try fixture.done(1, [], sha256: "x")
    let later = try add([2], named: "plays-1.csv", sha256: "x", at: 1_000_000, to: fixture)
    #expect(later.map(\.taskID) == [dropped])
    #expect(try add([3], named: "b.csv", sha256: "x", to: fixture).first?.isKnown == false)
  }

  @Test func `a duplicate is known only while its original counts`() throws {
    let fixture = try StoreFixture()
    let original = try fixture.done(1, [], sha256: "x")
    let duplicate = try fixture.started(2)
    #expect(try fixture.ingested([], by: duplicate, sha256: "x") == .duplicate(of: original))
    try fixture.finish(duplicate, as: .duplicate)
    #expect(
      try add([3], named: "plays-2.csv", sha256: "x", to: fixture).map(\.taskID) == [duplicate])
    try fixture.store.forget(original, at: StoreFixture.time(3))
    #expect(
      try add([4], named: "plays-2.csv", sha256: "x", to: fixture).map(\.taskID)
        == [StoreFixture.id(4)])
  }

  /// A start after a kill reads the log up to the last commit in it, be it one that failed for the process that made it.
  @Test func `what is written over a failed commit is a commit in the log, and leaves no row`()
    throws
  {
    let fixture = try StoreFixture()
    #expect(try fixture.store.checkpoint(.truncate).frames == 0)
    try fixture.store.overwriteFailedCommit()
    #expect(try fixture.store.checkpoint(.passive).frames > 0)
    #expect(try fixture.count("upload_keys") == 0)
  }

  @Test(arguments: [
    (ResultCode.SQLITE_IOERR, true), (.SQLITE_IOERR_FSYNC, true), (.SQLITE_IOERR_WRITE, true),
    (.SQLITE_FULL, false), (.SQLITE_BUSY, false), (.SQLITE_CONSTRAINT_UNIQUE, false),
  ])
  func `only after a failed call to the disk may a commit be found by a later start`(
    code: ResultCode, isDoubtful: Bool
  ) {
    let error = DatabaseError(resultCode: code, message: "why")
    #expect(
      StoreError(error, doing: "write", path: "p").mayBeFoundCommitted == isDoubtful)
  }
}
