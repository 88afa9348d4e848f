import ContentHash
import Crypto
import Foundation
import TaskModel
import Testing

@testable import Pipeline

/// The receipt against what lies beside it.
struct ReceiptTests {
  private static func sha256(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }

  @Test func `counts, sums and hashes agree with the files`() async throws {
    let place = try Workplace([.maxRejects: "all"])
    let text = csv("B,d,2", "A,d,-1", "B,d,40", "C,d,none")
    let task = try await place.process(text)
    let receipt = try place.receipt()
    let result = try place.bytes("plays.csv")
    #expect(receipt.taskId == task.taskID.description)
    #expect(receipt.name == "plays.csv")
    #expect(receipt.status == "done")
    #expect(receipt.bytes == text.utf8.count)
    #expect(receipt.sha256 == Self.sha256(Array(text.utf8)))
    #expect(receipt.columns == "name")
    #expect(receipt.rowsRead == 4)
    #expect(receipt.rowsAccepted == 3)
    #expect(receipt.rowsRejected == 1)
    #expect(receipt.groups == 2)
    #expect(receipt.playsIn == 41)
    #expect(receipt.playsOut == 41)
    #expect(receipt.resultName == "plays.csv")
    #expect(receipt.resultBytes == result.count)
    #expect(receipt.resultSha256 == Self.sha256(result))
    #expect(receipt.rejectsName == "plays.rejects.csv")
    #expect(receipt.duplicateOf == nil)
    #expect(receipt.errorCode == nil)
  }

  @Test func `the receipt and the manifest say the same`() async throws {
    let place = try Workplace()
    let task = try await place.process(csv("A,d,1"))
    let receipt = try place.receipt()
    #expect(receipt.sha256 == task.sha256)
    #expect(receipt.queuedAt == task.queuedAt.description)
    #expect(receipt.startedAt == task.startedAt?.description)
    #expect(receipt.finishedAt == task.finishedAt?.description)
    #expect(receipt.finishedAt != nil)
  }

  @Test func `columns that went by position are said to`() async throws {
    let place = try Workplace()
    let task = try await place.process("Title,Day,Count\nA,d,1\n")
    #expect(task.status == .done)
    #expect(try place.receipt().columns == "position")
  }

  @Test(arguments: [csv("A,d,1"), csv("A,d,one"), ""])
  func `every key is there whatever became of the file`(text: String) async throws {
    let place = try Workplace()
    _ = try await place.process(text)
    let object = try JSONSerialization.jsonObject(
      with: Data(place.bytes("plays.csv.receipt.json")))
    let keys = try #require(object as? [String: Any]).keys.sorted()
    #expect(
      keys == [
        "bytes", "columns", "duplicate_of", "error", "error_code", "finished_at", "groups", "name",
        "plays_in", "plays_out", "queued_at", "rejects_name", "result_bytes", "result_name",
        "result_sha256", "rows_accepted", "rows_read", "rows_rejected", "sha256", "started_at",
        "status", "task_id",
      ])
  }

  @Test func `the packed size and the hash of the contents stand in a packed file's receipt`()
    async throws
  {
    let place = try Workplace()
    let text = csv("A,d,1")
    let packed = gzip(text)
    _ = try await place.process(packed, as: "plays.csv.gz")
    let receipt = try place.receipt()
    #expect(receipt.bytes == packed.count)
    #expect(receipt.sha256 == Self.sha256(Array(text.utf8)))
  }

  @Test func `a result with CRLF or guarded formulas is hashed as it lies there`() async throws {
    let place = try Workplace([.lineEnding: "crlf", .escapeFormulas: "true"])
    _ = try await place.process(csv("=1+1,d,1"))
    let result = try place.bytes("plays.csv")
    #expect(String(decoding: result, as: UTF8.self).hasSuffix("\r\n'=1+1,d,1\r\n"))
    #expect(try place.receipt().resultSha256 == Self.sha256(result))
  }
}
