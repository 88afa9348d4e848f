import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Duplicates {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test func `other bytes under an old name are a new task with a result of its own`()
      async throws
    {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("a.csv", Sandbox.plays(1))
      _ = try await sandbox.receipt("a.csv")
      try sandbox.drop("a.csv", Sandbox.plays(2))
      _ = try await sandbox.receipt("a.2.csv")
      try sandbox.drop("a.csv", Sandbox.plays(3))
      let third = try await sandbox.receipt("a.3.csv")
      #expect(third.resultName == "a.3.csv")
      #expect(third.name == "a.csv")
      #expect(try sandbox.result("a.csv") == Sandbox.total(1))
      #expect(try sandbox.result("a.2.csv") == Sandbox.total(2))
      #expect(try sandbox.result("a.3.csv") == Sandbox.total(3))
      #expect(try await sandbox.playsSum() == 6)
      #expect(try await sandbox.statuses() == ["done": 3])
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `the same bytes again get a result and do not count again`() async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("a.csv", Sandbox.plays(5))
      let first = try await sandbox.receipt("a.csv")
      try sandbox.drop("b.csv", Sandbox.plays(5))
      let second = try await sandbox.receipt("b.csv")
      #expect(second.status == "duplicate")
      #expect(second.duplicateOf == first.taskID)
      #expect(try sandbox.result("b.csv") == Sandbox.total(5))
      #expect(try await sandbox.playsSum() == 5)
      #expect(try await sandbox.statuses() == ["done": 1, "duplicate": 1])
      let recorded = try await sandbox.value(
        "SELECT duplicate_of FROM manifest WHERE status = 'duplicate'")
      #expect(recorded == first.taskID)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `the same bytes again are known after a restart`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(5))
      #expect(try await sandbox.once().end == .exit(0))
      try sandbox.drop("a.csv", Sandbox.plays(5))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.receipt("a.2.csv").status == "duplicate")
      #expect(try sandbox.result("a.2.csv") == Sandbox.total(5))
      #expect(try await sandbox.playsSum() == 5)
    }

    @Test func `many copies of one file at once count once`() async throws {
      for number in 1...30 {
        try sandbox.drop("\(number).csv", Sandbox.plays(5))
      }
      #expect(try await sandbox.once(["--workers", "4"]).end == .exit(0))
      #expect(try await sandbox.statuses() == ["done": 1, "duplicate": 29])
      #expect(try await sandbox.playsSum() == 5)
      for number in 1...30 {
        #expect(try sandbox.result("\(number).csv") == Sandbox.total(5))
      }
    }

    @Test func `with on-duplicate load the same bytes count again`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(5))
      try sandbox.drop("b.csv", Sandbox.plays(5))
      #expect(try await sandbox.once(["--on-duplicate", "load"]).end == .exit(0))
      #expect(try await sandbox.statuses() == ["done": 2])
      #expect(try await sandbox.playsSum() == 10)
      #expect(try sandbox.result("b.csv") == Sandbox.total(5))
    }

    @Test func `a failed file does not block its corrected version`() async throws {
      try sandbox.drop("a.csv", "Song,Date,Number of Plays\nA,d,many\n")
      #expect(try await sandbox.once().end == .exit(1))
      try sandbox.drop("a.csv", Sandbox.plays(8))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.statuses() == ["failed": 1, "done": 1])
      // The names of a set go together, and the failed file's receipt has the plain one.
      #expect(try await sandbox.receipt("a.2.csv").status == "done")
      #expect(try sandbox.result("a.2.csv") == Sandbox.total(8))
      #expect(try await sandbox.playsSum() == 8)
    }

    @Test func `the same bytes that failed fail again`() async throws {
      for _ in 1...2 {
        try sandbox.drop("a.csv", "Song,Date,Number of Plays\nA,d,many\n")
        #expect(try await sandbox.once().end == .exit(1))
      }
      #expect(try await sandbox.statuses() == ["failed": 2])
    }
  }
}
