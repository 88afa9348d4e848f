import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// Files whose sums do not fit in memory: sorted runs in the database, merged at the end.
struct SpillTests {
  private static let small: [Setting: String] = [.memory: "1MiB", .workers: "1"]

  @Test func `with tiny memory the result and the totals are the same bytes`() async throws {
    let text = Self.manyKeys(200_000)
    let large = try Workplace([.memory: "1GiB", .workers: "1"])
    let tiny = try Workplace(Self.small)
    let (inMemory, spilled) = (try await large.process(text), try await tiny.process(text))
    #expect(inMemory.status == .done)
    #expect(spilled.status == .done)
    #expect(try large.texts("SELECT CAST(count(DISTINCT run) AS TEXT) FROM batches") == ["1"])
    #expect(try tiny.count("batches") > 10)
    #expect(spilled.groups == 150_000)
    #expect(spilled.groups == inMemory.groups)
    #expect(spilled.playsSum == inMemory.playsSum)
    #expect(try tiny.bytes("plays.csv") == large.bytes("plays.csv"))
    #expect(
      try tiny.contents("plays.csv").split(separator: "\n").dropFirst().map(String.init)
        == tiny.totals())
    try tiny.expectSound()
  }

  @Test func `with keep rows and tiny memory no row is lost`() async throws {
    let place = try Workplace(Self.small.merging([.keep: "rows"]) { $1 })
    let task = try await place.process(Self.manyKeys(40_000))
    #expect(task.status == .done)
    #expect(try place.count("batches") > 2)
    #expect(try place.count("plays") == 40_000)
    #expect(
      try place.contents("plays.csv").split(separator: "\n").dropFirst().map(String.init)
        == place.totals())
  }

  @Test func `a sum that overflows only across runs fails the file, and no row of it stays`()
    async throws
  {
    let place = try Workplace(Self.small)
    let task = try await place.process(
      csv("Sum,d,\(Int64.max)") + Self.rows(40_000) + "Sum,d,1\n")
    #expect(task.status == .failed)
    #expect(task.errorCode == .sumOverflow)
    #expect(task.error?.contains("\"Sum\" on \"d\" add up to 9223372036854775808") == true)
    #expect(task.rowsRead == 40_002)
    #expect(try place.count("play_rows") == 0)
    #expect(try place.count("batches") == 0)
    #expect(try place.outbox() == ["plays.csv.receipt.json"])
    try place.expectSound()
  }

  @Test func `a sum that only passes through an overflow is right, within and across runs`()
    async throws
  {
    let place = try Workplace(Self.small)
    let text =
      csv("Sum,d,\(Int64.max)", "Sum,d,5") + Self.rows(40_000) + "Sum,d,-5\nSum,d,-7\n"
    let task = try await place.process(text)
    #expect(task.status == .done)
    #expect(try place.count("batches") > 2)
    #expect(try place.contents("plays.csv").contains("\nSum,d,\(Int64.max - 7)\n"))
  }

  @Test func `a sum that overflows in memory fails the file`() async throws {
    let place = try Workplace()
    let task = try await place.process(csv("A,d,\(Int64.min)", "A,d,-1"))
    #expect(task.errorCode == .sumOverflow)
    #expect(try place.outbox() == ["plays.csv.receipt.json"])
  }

  @Test(arguments: ["1MiB", "1GiB"])
  func `a file whose sum overflows lists its rejected records too`(memory: String) async throws {
    let place = try Workplace([.memory: memory, .workers: "1", .maxRejects: "all"])
    let task = try await place.process(
      csv("X,d,none", "Sum,d,\(Int64.max)") + Self.rows(20_000) + "Sum,d,1\nX,d,none\n")
    #expect(task.errorCode == .sumOverflow)
    #expect(task.rowsRejected == 2)
    #expect(try place.outbox() == ["plays.csv.receipt.json", "plays.rejects.csv"])
    #expect(try place.contents("plays.rejects.csv").split(separator: "\n").count == 3)
    #expect(try place.store.rejects(of: task.taskID).map(\.line) == [2, 20_005])
    try place.expectSound()
  }

  @Test func `the exact sum of plays may exceed 64 bits where no group does`() async throws {
    let place = try Workplace()
    let task = try await place.process(csv("A,d,\(Int64.max)", "B,d,\(Int64.max)"))
    #expect(task.status == .done)
    #expect(task.playsSum == 2 * Int128(Int64.max))
    #expect(try place.contents("plays.csv.receipt.json").contains("18446744073709551614"))
  }

  @Test func `duplicates are known where rows were spilled, and their runs are taken out`()
    async throws
  {
    let place = try Workplace(Self.small)
    let text = csv() + Self.rows(40_000)
    _ = try await place.process(text)
    let second = try await place.process(text, as: "again.csv")
    #expect(second.status == .duplicate)
    #expect(try place.count("play_rows") == 40_000)
    #expect(try place.bytes("again.csv") == place.bytes("plays.csv"))
    try place.expectSound()
  }

  @Test func `rejected records of a file that spilled are listed in its order, once each`()
    async throws
  {
    let place = try Workplace(Self.small.merging([.maxRejects: "all"]) { $1 })
    let bad = "X,d,none\n"
    let task = try await place.process(
      csv() + bad + Self.rows(20_000) + bad + Self.rows(20_000) + bad)
    #expect(task.status == .done)
    #expect(try place.store.rejects(of: task.taskID).map(\.line) == [2, 20_003, 40_004])
  }

  /// Rows of which each fourth has the key of the one before it.
  private static func manyKeys(_ count: Int) -> String {
    csv()
      + (0..<count).map { number in
        let key = number % 4 == 3 ? number - 1 : number
        // A multiplier without common factor, so that the keys come in no order.
        let scrambled = key &* 7_919 % 1_000_003
        return "A song with quite a long title number \(scrambled)".quoted
          + ",2024-01-0\(key % 9 + 1),\(number % 100)\n"
      }.joined()
  }

  /// Rows with keys of their own.
  private static func rows(_ count: Int) -> String {
    (0..<count).map { "A song with quite a long title \($0),d,1\n" }.joined()
  }
}

extension String {
  fileprivate var quoted: String { "\"\(self)\"" }
}
