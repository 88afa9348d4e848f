import TaskModel
import TaskStore
import Testing

@testable import Pipeline

struct RejectsTests {
  @Test func `rejects of one piece beyond the bound are counted and not kept`() async throws {
    var place = try Workplace([.maxRejects: "20"])
    place.limits = IngestLimits(members: 2, pieceSize: 1 << 20, sizeForMembers: 0)
    let task = try await place.process(csv() + String(repeating: "x\n", count: 30_000))
    #expect(task.errorCode == .rejectedRows)
    #expect(task.rowsRejected == 30_000)
    #expect(task.error?.contains("30000 records were rejected, where 20 are allowed") == true)
    #expect(try place.contents("plays.rejects.csv").split(separator: "\n").count == 10_001)
  }

  private static let twoBad = csv("A,d,1", "B,d,two", "C,d", "D,d,4")

  @Test(arguments: [("0", false), ("1", false), ("2", true), ("all", true)])
  func `a file fails exactly when it has more rejected records than are allowed`(
    allowed: String, passes: Bool
  ) async throws {
    let place = try Workplace([.maxRejects: allowed])
    let task = try await place.process(Self.twoBad)
    #expect(task.status == (passes ? .done : .failed))
    #expect(task.errorCode == (passes ? nil : .rejectedRows))
    #expect(task.rowsRead == 4)
    #expect(task.rowsRejected == 2)
    #expect(try place.plays() == (passes ? ["A|d|1", "D|d|4"] : []))
    #expect(
      try place.outbox()
        == (passes ? ["plays.csv"] : []) + ["plays.csv.receipt.json", "plays.rejects.csv"])
    let receipt = try place.receipt()
    #expect(receipt.rowsRead == 4)
    #expect(receipt.rowsAccepted == 2)
    #expect(receipt.rowsRejected == 2)
    #expect(receipt.rejectsName == "plays.rejects.csv")
    #expect(try place.store.rejects(of: task.taskID).map(\.line) == [3, 4])
    try place.expectSound()
  }

  @Test func `the rejects file has place, reason and record of each`() async throws {
    let place = try Workplace([.maxRejects: "all"])
    _ = try await place.process(csv("A,d,1", "\"B, live\",d,two"))
    let reason =
      "The number of plays is not a whole number; write it with the digits 0 to 9 only."
    #expect(
      try place.contents("plays.rejects.csv")
        == "Line,Column,Byte,Reason,Record\n3,13,44,\(reason),\"\"\"B, live\"\",d,two\"\n")
  }

  @Test func `the sentence of a failed file has the number, the bound and the first place`()
    async throws
  {
    let place = try Workplace([.maxRejects: "1"])
    let error = try #require(try await place.process(Self.twoBad).error)
    #expect(error.hasPrefix("2 records were rejected, where 1 is allowed. The first: line 3, "))
  }

  @Test func `a failed file with 10,005 rejected records lists 10,000 and counts all`()
    async throws
  {
    let place = try Workplace()
    let task = try await place.process(Self.bad(10_005))
    #expect(task.status == .failed)
    #expect(task.rowsRejected == 10_005)
    #expect(try Self.lines(of: place) == 10_001)
    #expect(try place.store.rejects(of: task.taskID).count == 10_000)
    #expect(try place.receipt().rowsRejected == 10_005)
  }

  @Test func `where all are let pass, all 10,005 are listed`() async throws {
    let place = try Workplace([.maxRejects: "all"])
    let task = try await place.process(Self.bad(10_005))
    #expect(task.status == .done)
    #expect(task.rowsRejected == 10_005)
    #expect(try Self.lines(of: place) == 10_006)
    #expect(try place.store.rejects(of: task.taskID).count == 10_000)
  }

  @Test func `a bound above 10,000 lists as many as it allows`() async throws {
    let place = try Workplace([.maxRejects: "10003"])
    let task = try await place.process(Self.bad(10_005))
    #expect(task.status == .failed)
    #expect(try Self.lines(of: place) == 10_004)
  }

  @Test func `a file that fails for something else lists its rejected records too`() async throws {
    let place = try Workplace([.maxRejects: "all"])
    let task = try await place.process(csv("A,d,one", "\"B,d,2"))
    #expect(task.errorCode == .unclosedQuote)
    #expect(task.rowsRejected == 1)
    #expect(try place.outbox() == ["plays.csv.receipt.json", "plays.rejects.csv"])
    #expect(try place.receipt().rejectsName == "plays.rejects.csv")
  }

  /// A header and so many rows without plays.
  private static func bad(_ count: Int) -> String {
    csv() + (1...count).map { "Song \($0),d,none\n" }.joined()
  }

  private static func lines(of place: Workplace) throws -> Int {
    try place.bytes("plays.rejects.csv").count { $0 == UInt8(ascii: "\n") }
  }
}
