import GRDB
import TaskModel
import Testing

@testable import TaskStore

@Suite struct UploadTests {
  private func add(_ numbers: [Int], key: String?, to fixture: StoreFixture) throws
    -> [UploadedTask]?
  {
    let tasks = try numbers.map { number in
      let name = try #require(FileName("\(number).csv"))
      return NewTask(taskID: StoreFixture.id(number), rawName: name, sizeBytes: 1)
    }
    return try fixture.store.add(tasks, key: key, at: StoreFixture.time(1))
  }

  @Test func `the files of a key are those that came with it first`() throws {
    let fixture = try StoreFixture()
    #expect(try add([1, 2], key: "a", to: fixture) == nil)
    #expect(try add([3, 4], key: "a", to: fixture)?.map(\.taskID) == [1, 2].map(StoreFixture.id))
    #expect(try add([5], key: nil, to: fixture) == nil)
    #expect(try fixture.count("manifest") == 3)
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
