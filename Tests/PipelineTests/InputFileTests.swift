import Files
import Foundation
import Inbox
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

struct InputFileTests {
  private let place: Workplace
  private let claim: ClaimedFile

  init() throws {
    place = try Workplace()
    claim = try place.claim(csv("A,d,1", "B,d,2"))
  }

  private var task: TaskRecord {
    TaskRecord(
      taskID: claim.taskID, rawName: claim.name, status: .running, sizeBytes: claim.size,
      queuedAt: .now())
  }

  private var path: String {
    place.settings.state + "/work/\(claim.taskID)/\(claim.name.text)"
  }

  private func writer() throws -> FileHandle {
    let writer = try #require(FileHandle(forWritingAtPath: path))
    try writer.seekToEnd()
    return writer
  }

  @Test func `what is read is the file`() throws {
    var input = try InputFile(of: task, in: place.folders.work)
    #expect(try readAll(&input) == Array(csv("A,d,1", "B,d,2").utf8))
    try input.checkUnchanged()
    let count = input.bytesRead
    #expect(count == claim.size)
  }

  @Test(arguments: [true, false])
  func `a file that grew while it was read is refused, its writer gone or not`(closes: Bool) throws
  {
    var input = try InputFile(of: task, in: place.folders.work)
    _ = try readAll(&input)
    let writer = try writer()
    try writer.write(contentsOf: Data("C,d,3\n".utf8))
    if closes { try writer.close() }
    let error = Self.refusal(of: input)
    #expect(error is ChangedWhileRead)
    if !closes { try writer.close() }
  }

  @Test func `a file overwritten in place with as many bytes is refused`() throws {
    var input = try InputFile(of: task, in: place.folders.work)
    let writer = try writer()
    try writer.seek(toOffset: 0)
    try writer.write(contentsOf: Data("X".utf8))
    try writer.close()
    _ = try readAll(&input)
    #expect(Self.refusal(of: input) is ChangedWhileRead)
  }

  @Test func `a file that is only opened for writing meanwhile is refused`() throws {
    var input = try InputFile(of: task, in: place.folders.work)
    _ = try readAll(&input)
    let writer = try writer()
    #expect(Self.refusal(of: input) is ChangedWhileRead)
    try writer.close()
  }

  @Test func `a file of which less is read than it has is refused`() throws {
    let input = try InputFile(of: task, in: place.folders.work)
    #expect(Self.refusal(of: input) is ChangedWhileRead)
  }

  @Test func `a file that a writer has open is not begun`() throws {
    let writer = try writer()
    #expect(throws: StillWritten.self) { _ = try InputFile(of: task, in: place.folders.work) }
    try writer.close()
    _ = try InputFile(of: task, in: place.folders.work)
  }

  @Test func `a task waits for the writer of its file and has all that it wrote`() async throws {
    let writer = try writer()
    let pipeline = place.pipeline()
    try pipeline.record([claim])
    let waiting = try place.claim(csv("Z,d,1"), as: "other.csv")
    try pipeline.record([waiting])
    pipeline.close()
    async let running: Void = pipeline.runWorkers()
    // Others pass it by; it is not even started.
    try await eventually("the other file is done") {
      try place.task(waiting.taskID).status == .done
    }
    #expect(try place.task(claim.taskID).status == .queued)
    #expect(try place.task(claim.taskID).attempts == 0)
    try writer.write(contentsOf: Data("C,d,3\n".utf8))
    try writer.close()
    try await running
    #expect(try place.task(claim.taskID).status == .done)
    #expect(try place.contents("plays.csv").hasSuffix("\nA,d,1\nB,d,2\nC,d,3\n"))
  }

  /// What `checkUnchanged` says; #expect cannot take a value that is not copyable.
  private static func refusal(of input: borrowing InputFile) -> (any Error)? {
    do {
      try input.checkUnchanged()
      return nil
    } catch {
      return error
    }
  }
}

/// Everything that is left of an input, read in pieces of an odd size.
func readAll(_ input: inout InputFile) throws -> [UInt8] {
  var all: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 70_001)
  while true {
    // The buffer is the array's own, used during the call.
    let count = try unsafe piece.withUnsafeMutableBytes { try unsafe input.read(into: $0) }
    if count == 0 { return all }
    all += piece[..<count]
  }
}

/// The most memory that the process has had so far, in bytes: VmHWM in proc(5).
func peakMemory() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
  return try #require(Int(line.filter(\.isNumber))) << 10
}
