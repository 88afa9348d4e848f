import Files
import Inbox
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

struct GzipTests {
  private static let text = csv("A,d,1", "B,d,2")

  @Test func `a packed file gives the result of the unpacked one`() async throws {
    let place = try Workplace()
    let packed = gzip(Self.text)
    let task = try await place.process(packed, as: "plays.csv.gz")
    #expect(task.status == .done)
    #expect(task.resultName == "plays.csv")
    #expect(task.sizeBytes == Int64(packed.count))
    #expect(task.bytesRead == Int64(packed.count))
    #expect(
      try place.contents("plays.csv") == "Song,Date,Total Number of Plays for Date\nA,d,1\nB,d,2\n")
  }

  @Test(arguments: [("twin.csv", "twin2.csv.gz"), ("twin.csv.gz", "twin2.csv")])
  func `a packed file and its unpacked twin are duplicates`(first: String, second: String)
    async throws
  {
    let place = try Workplace()
    for (name, status) in [(first, TaskStatus.done), (second, .duplicate)] {
      let bytes = name.hasSuffix(".gz") ? gzip(Self.text) : Array(Self.text.utf8)
      #expect(try await place.process(bytes, as: name).status == status)
    }
    #expect(try place.plays() == ["A|d|1", "B|d|2"])
  }

  @Test func `several members are read as one file, wherever they were cut`() async throws {
    let place = try Workplace([.onDuplicate: "load"])
    let bytes = Array(Self.text.utf8)
    for cut in 0...bytes.count {
      let packed = gzip(Array(bytes[..<cut])) + gzip([]) + gzip(Array(bytes[cut...]))
      #expect(try Self.unpacked(packed, in: place) == bytes)
    }
  }

  @Test(arguments: [1, 7, 512, 300_000])
  func `zeros behind the last member are padding`(count: Int) throws {
    let packed = gzip(Self.text) + [UInt8](repeating: 0, count: count)
    #expect(try Self.unpacked(packed, in: Workplace()) == Array(Self.text.utf8))
  }

  @Test func `a large file comes out byte for byte, whatever fits in a read`() throws {
    // Much longer than the buffers, once hard to pack and once easy.
    var random = SystemRandomNumberGenerator()
    let hard = (0..<1_500_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let easy = [UInt8](repeating: 65, count: 5_000_000)
    let place = try Workplace()
    let packed = gzip(hard) + gzip(easy) + gzip(hard)
    #expect(try Self.unpacked(packed, in: place) == hard + easy + hard)
  }

  @Test func `a file cut short anywhere fails and says that it ends early`() throws {
    let place = try Workplace()
    let packed = gzip(Self.text) + gzip(Self.text)
    let whole = gzip(Self.text).count
    for length in 1..<packed.count where length != whole {
      let failure = #expect(throws: FileFailure.self) {
        try Self.unpacked(Array(packed[..<length]), in: place)
      }
      #expect(failure?.code == .encoding)
      #expect(failure?.sentence.contains("ends early, at byte \(length);") == true)
    }
  }

  @Test func `a flipped bit in the packed data or its checksum never passes`() throws {
    let place = try Workplace()
    let packed = gzip(Self.text)
    // From behind the header's ten bytes, some of which mean nothing (time, system).
    for index in 10..<packed.count {
      var damaged = packed
      damaged[index] ^= 0x10
      #expect(throws: FileFailure.self) { try Self.unpacked(damaged, in: place) }
    }
  }

  @Test(arguments: ["garbage", "\u{1F}", "\0\0garbage"])
  func `bytes behind the last member that are no padding fail the file`(rest: String) throws {
    let failure = #expect(throws: FileFailure.self) {
      try Self.unpacked(gzip(Self.text) + Array(rest.utf8), in: Workplace())
    }
    #expect(failure?.code == .encoding)
  }

  @Test func `a text under a packed name fails with a sentence and leaves no rows`() async throws {
    let place = try Workplace()
    let task = try await place.process(Self.text, as: "plays.csv.gz")
    #expect(task.status == .failed)
    #expect(task.errorCode == .encoding)
    #expect(task.error?.contains("no whole gzip stream") == true)
    #expect(try place.outbox() == ["plays.csv.receipt.json"])
    #expect(try place.receipt().bytes == Self.text.utf8.count)
  }

  @Test func `a file damaged behind rows that were read leaves none of them`() async throws {
    let place = try Workplace([.memory: "1MiB", .workers: "1"])
    let rows = (0..<40_000).map { "A song with quite a long title \($0),d,1\n" }.joined()
    let task = try await place.process(
      Array(gzip(csv() + rows).dropLast(1)), as: "plays.csv.gz")
    #expect(task.errorCode == .encoding)
    #expect(try place.count("play_rows") == 0)
    #expect(try place.outbox() == ["plays.csv.receipt.json"])
    try place.expectSound()
  }

  @Test(arguments: [[UInt8](), gzip([])])
  func `a packed file of nothing fails as empty`(bytes: [UInt8]) async throws {
    let place = try Workplace()
    let task = try await place.process(bytes, as: "plays.csv.gz")
    #expect(task.errorCode == .empty)
    #expect(try place.receipt().errorCode == "empty")
  }

  @Test func `a file that unpacks to an endless line fails in bounded memory`() async {
    await #expect(processExitsWith: .success) {
      let place = try Workplace([.maxRecord: "1MiB"])
      let member = gzip([UInt8](repeating: 0, count: 1 << 20))
      let claim = try place.claim(
        [UInt8]((0..<100).map { _ in member }.joined()), as: "plays.csv.gz")
      let before = try peakMemory()
      try await place.process([claim])
      #expect(try place.task(claim.taskID).errorCode == .recordTooLong)
      #expect(try place.task(claim.taskID).bytesRead == claim.size)
      #expect(try peakMemory() - before < 32 << 20)
    }
  }

  /// What the reader makes of a packed file.
  private static func unpacked(_ packed: [UInt8], in place: Workplace) throws -> [UInt8] {
    let claim = try place.claim(packed, as: "plays.csv.gz")
    let task = TaskRecord(
      taskID: claim.taskID, rawName: claim.name, status: .running, sizeBytes: claim.size,
      queuedAt: .now())
    var input = try InputFile(of: task, in: place.folders.work)
    return try readAll(&input)
  }
}
