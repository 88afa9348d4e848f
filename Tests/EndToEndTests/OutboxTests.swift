import Foundation
import Synchronization
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Outbox {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private func place(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: sandbox.outbox + "/" + name))
    }

    @Test(arguments: ["a.csv", "a.csv.receipt.json", "a.rejects.csv"])
    func `nothing of somebody else's in the outbox is overwritten`(name: String) async throws {
      try place(name, "mine")
      try sandbox.drop("a.csv", "Song,Date,Number of Plays\nA,d,1\nA,d,x\n")
      #expect(try await sandbox.once(["--max-rejects", "1"]).end == .exit(0))
      #expect(try sandbox.result(name) == "mine")
      let receipt = try await sandbox.receipt("a.2.csv")
      #expect(receipt.resultName == "a.2.csv")
      #expect(receipt.rejectsName == "a.2.rejects.csv")
      #expect(try sandbox.result("a.2.csv") == Sandbox.total(1, song: "A", date: "d"))
      #expect(try await sandbox.value("SELECT result_name FROM manifest") == "a.2.csv")
    }

    @Test func `a symbolic link in the outbox is not followed`() async throws {
      let target = sandbox.desk + "/target"
      try Data("mine".utf8).write(to: URL(fileURLWithPath: target))
      try FileManager.default.createSymbolicLink(
        atPath: sandbox.outbox + "/a.csv", withDestinationPath: target)
      try FileManager.default.createSymbolicLink(
        atPath: sandbox.outbox + "/a.2.csv", withDestinationPath: sandbox.desk + "/nowhere")
      try sandbox.drop("a.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
      #expect(!FileManager.default.fileExists(atPath: sandbox.desk + "/nowhere"))
      #expect(try sandbox.result("a.3.csv") == Sandbox.total(1))
    }

    @Test func `a reader that lists the outbox sees whole files only`() async throws {
      let reader = OutboxReader(sandbox.outbox)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await reader.lookUntilStopped() }
        let daemon = try await sandbox.daemon(["--max-rejects", "all"])
        for number in 1...40 {
          // Large enough to be written in several pieces.
          var file = "Song,Date,Number of Plays\nA,d,x\n"
          for row in 1...3000 { file += "Song number \(row * number),2024-01-01,1\n" }
          try sandbox.drop("\(number).csv", file)
        }
        try await sandbox.awaitAllFinished(40)
        #expect(try await daemon.stop() == .exit(0))
        reader.stop()
        try await group.waitForAll()
      }
      #expect(try reader.findings() == [])
      #expect(reader.seen() == 120)
    }
  }
}

/// Looks at the outbox as fast as it can and remembers each file as it was when first seen.
private final class OutboxReader: Sendable {
  private let folder: String
  private let first = Mutex<[String: Data]>([:])
  private let complaints = Mutex<[String]>([])
  private let isStopped = Mutex(false)

  init(_ folder: String) {
    self.folder = folder
  }

  /// Looks without a pause, on a thread of the pool, and once more after it was stopped.
  @concurrent func lookUntilStopped() async throws {
    var isLast = false
    while !isLast {
      isLast = isStopped.withLock { $0 }
      try look()
      await Task.yield()
    }
  }

  func stop() { isStopped.withLock { $0 = true } }

  private func read(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
  }

  private func look() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      if name.hasPrefix(".") {
        // A program that takes what ends in .csv may not know what a dot in front means.
        if name.hasSuffix(".csv") { complain("\(name) is hidden and ends in .csv") }
        continue
      }
      guard first.withLock({ $0[name] == nil }) else { continue }
      let contents = try read(name)
      first.withLock { $0[name] = contents }
      if name.hasSuffix(".receipt.json") { expectRest(of: String(name.dropLast(17))) }
    }
  }

  /// Where a receipt is, the result and the rejects are too.
  private func expectRest(of stem: String) {
    for name in [stem + ".csv", stem + ".rejects.csv"]
    where !FileManager.default.fileExists(atPath: folder + "/" + name) {
      complain("a receipt came before \(name)")
    }
  }

  private func complain(_ complaint: String) {
    complaints.withLock { $0.append(complaint) }
  }

  func seen() -> Int { first.withLock { $0.count } }

  /// What was wrong, and the files that changed after they were first seen.
  func findings() throws -> [String] {
    let changed = try first.withLock { $0 }.filter { try read($0.key) != $0.value }
    return complaints.withLock { $0 } + changed.keys.map { "\($0) was not whole when first seen" }
  }
}
