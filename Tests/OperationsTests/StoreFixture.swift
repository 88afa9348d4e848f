import PlayRows
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Operations

/// A store in a directory of one test's own, with tasks in any status.
struct StoreFixture {
  let directory: TemporaryDirectory
  let store: TaskStore
  let operations: Operations

  init() throws {
    directory = try TemporaryDirectory()
    store = try TaskStore.open(directory: directory.path)
    operations = Operations(store)
  }

  /// The id and the time of the task of a number; later numbers are later tasks.
  static func id(_ number: Int) throws -> TaskID {
    try #require(TaskID("0190000\(number)-0000-7000-8000-00000000000\(number)"))
  }

  static func time(_ number: Int) -> Timestamp {
    Timestamp(milliseconds: 1_700_000_000_000 + Int64(number) * 1000)
  }

  @discardableResult
  func queued(_ number: Int, name: String = "plays.csv") throws -> TaskID {
    let id = try Self.id(number)
    let task = NewTask(taskID: id, rawName: try #require(FileName(name)), sizeBytes: 100)
    try store.add([task], at: Self.time(number))
    return id
  }

  @discardableResult
  func done(_ number: Int, name: String = "plays.csv", content: Character = "a") throws -> TaskID {
    let id = try queued(number, name: name)
    try store.start(id, at: Self.time(number))
    let result = try #require(FileName("result-\(number).csv"))
    let outcome = try store.finishIngest(
      id,
      summary: IngestSummary(
        progress: IngestProgress(bytesRead: 100, rowsRead: 3, rowsRejected: 1),
        sha256: String(repeating: content, count: 64), groups: 2, playsSum: 7, columns: .name,
        outputNumber: 1, resultName: result, resultBytes: 44,
        resultSHA256: String(repeating: "b", count: 64), rejectsSHA256: nil),
      rows: .none, of: RowBlock(limit: 1), rejects: [Self.reject], onDuplicate: .reuse,
      at: Self.time(number))
    try store.finish(
      id, as: outcome == .loaded ? .done : .duplicate, resultName: result, resultBytes: 44,
      resultSHA256: String(repeating: "b", count: 64), at: Self.time(number))
    return id
  }

  @discardableResult
  func failed(_ number: Int, name: String = "plays.csv") throws -> TaskID {
    let id = try queued(number, name: name)
    try store.start(id, at: Self.time(number))
    try store.fail(
      id, FileFailure(.header, "The header is none."),
      progress: IngestProgress(bytesRead: 100, rowsRead: 0, rowsRejected: 0), sha256: nil,
      columns: nil, rejects: [], at: Self.time(number))
    return id
  }

  static let reject = RejectedRecord(
    line: 3, column: 5, byte: 31, reason: "No number.", raw: [0x41, 0xFF])
}
