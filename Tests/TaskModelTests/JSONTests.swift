import Foundation
import Testing

@testable import TaskModel

/// What scripts read: the keys of a task and of a receipt.
struct JSONTests {
  private static let manifestColumns: Set<String> = [
    "task_id", "name", "status", "phase", "size_bytes", "bytes_read", "sha256", "rows_read",
    "rows_rejected", "groups", "plays_sum", "result_name", "error_code", "error", "attempts",
    "duplicate_of", "queued_at", "started_at", "finished_at",
  ]

  private static let receiptKeys: Set<String> = [
    "task_id", "name", "status", "bytes", "sha256", "columns", "rows_read", "rows_accepted",
    "rows_rejected", "groups", "plays_in", "plays_out", "result_name", "result_bytes",
    "result_sha256", "rejects_name", "duplicate_of", "error_code", "error", "queued_at",
    "started_at", "finished_at",
  ]

  private func newTask() throws -> TaskRecord {
    TaskRecord(
      taskID: try #require(TaskID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")),
      rawName: try #require(FileName(bytes: Array("plays\n".utf8) + [0xFF])), status: .queued,
      sizeBytes: 12, queuedAt: Timestamp(milliseconds: 0))
  }

  private func fullTask() throws -> TaskRecord {
    var task = try newTask()
    task.status = .running
    task.phase = .publishing
    task.sha256 = "00"
    task.rowsRead = 5
    task.rowsRejected = 2
    task.groups = 3
    task.playsSum = Int128(Int64.max) + 1
    task.resultName = "r"
    task.errorCode = .unclosedQuote
    task.error = "e"
    task.duplicateOf = task.taskID
    task.startedAt = Timestamp(milliseconds: 1)
    task.finishedAt = Timestamp(milliseconds: 2)
    return task
  }

  @Test func `a new task has every public column as a key, null where nothing is known`() throws {
    let json = try object(newTask())
    #expect(Set(json.keys) == Self.manifestColumns)
    let nulls: Set<String> = [
      "phase", "sha256", "groups", "plays_sum", "result_name", "error_code", "error",
      "duplicate_of", "started_at", "finished_at",
    ]
    #expect(Set(json.filter { $0.value is NSNull }.keys) == nulls)
    #expect(json["name"] as? String == "plays\n\\xFF")
    #expect(json["status"] as? String == "queued")
    #expect(json["queued_at"] as? String == "1970-01-01T00:00:00.000Z")
  }

  @Test func `a full task has the same keys and no null`() throws {
    let json = try object(fullTask())
    #expect(Set(json.keys) == Self.manifestColumns)
    #expect(json.values.allSatisfy { !($0 is NSNull) })
    #expect(json["phase"] as? String == "publishing")
    #expect(json["error_code"] as? String == "unclosed-quote")
    #expect(json["duplicate_of"] as? String == json["task_id"] as? String)
  }

  @Test func `the keys of a task are listed for other writers of it`() {
    #expect(Set(TaskRecord.CodingKeys.allCases.map(\.rawValue)) == Self.manifestColumns)
  }

  @Test func `a sum beyond 64 bits is a whole number in JSON`() throws {
    let text = try text(fullTask())
    #expect(text.contains("\"plays_sum\":9223372036854775808"))
  }

  @Test func `a receipt has every key, null where nothing applies`() throws {
    let json = try object(Receipt(of: newTask(), status: .failed))
    #expect(Set(json.keys) == Self.receiptKeys)
    let known: Set<String> = [
      "task_id", "name", "status", "bytes", "rows_read", "rows_accepted", "rows_rejected",
      "queued_at",
    ]
    #expect(Set(json.filter { !($0.value is NSNull) }.keys) == known)
    #expect(json["status"] as? String == "failed")
  }

  @Test func `a full receipt has the same keys and no null`() throws {
    var receipt = Receipt(of: try fullTask(), status: .done)
    receipt.sha256 = "00"
    receipt.columns = "position"
    receipt.rowsRead = 5
    receipt.rowsRejected = 2
    receipt.groups = 3
    receipt.playsIn = Int128(Int64.min) - 1
    receipt.playsOut = Int128(Int64.min) - 1
    receipt.resultName = "r"
    receipt.resultBytes = 10
    receipt.resultSHA256 = "11"
    receipt.rejectsName = "x"
    receipt.duplicateOf = receipt.taskID
    receipt.errorCode = .rejectedRows
    receipt.error = "e"
    receipt.finishedAt = Timestamp(milliseconds: 2)
    let json = try object(receipt)
    #expect(Set(json.keys) == Self.receiptKeys)
    #expect(json.values.allSatisfy { !($0 is NSNull) })
    #expect(json["rows_accepted"] as? Int == 3)
    #expect(json["error_code"] as? String == "rejected-rows")
    #expect(try text(receipt).contains("\"plays_in\":-9223372036854775809"))
  }

  @Test func `a new task has read nothing and been tried never`() throws {
    let task = try newTask()
    #expect(task.name == task.rawName.text)
    #expect([task.bytesRead, task.rowsRead, task.rowsRejected, task.attempts] == [0, 0, 0, 0])
  }

  private func text(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }

  private func object(_ value: some Encodable) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(value))
    return try #require(json as? [String: Any])
  }
}
