import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Files of every shape, the same from the same seed, against the oracle: results byte for byte,
  /// receipts, the places of rejects, codes of failures, and the rows in the database.
  @Suite struct RandomFiles {
    /// One run; the seed shows in the test's name, so that a failure can be had again.
    struct Setup: Sendable, CustomTestStringConvertible {
      let seed: Int
      let count: Int
      /// Flags that both the daemon and the oracle understand.
      let shared: [String]
      /// Flags of the daemon alone.
      let own: [String]

      var testDescription: String {
        "seed \(seed): " + (shared + own).joined(separator: " ")
      }
    }

    static let setups = [
      Setup(seed: 101, count: 300, shared: [], own: []),
      Setup(seed: 102, count: 300, shared: ["--max-rejects", "all", "--keep", "rows"], own: []),
      Setup(
        seed: 103, count: 250, shared: ["--max-rejects", "all", "--line-ending", "crlf"],
        own: ["--workers", "4", "--memory", "1MiB"]),
      Setup(
        seed: 104, count: 250, shared: ["--max-rejects", "3", "--dates", "calendar"],
        own: ["--archive", "delete", "--workers", "1"]),
      Setup(
        seed: 105, count: 100, shared: ["--max-rejects", "all", "--max-record", "600"], own: []),
    ]

    private let sandbox: Sandbox
    private let inputs: String

    init() throws {
      sandbox = try Sandbox()
      inputs = sandbox.desk + "/inputs"
      try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: false)
    }

    private func make(_ arguments: [String]) async throws {
      let made = try await Programs.python("inputs.py", arguments)
      #expect(made.end == .exit(0), "\(made.errorText)")
    }

    private func expectAsTheOracleSays(_ flags: [String]) async throws {
      let outbox = try await sandbox.differences(from: inputs, flags)
      #expect(outbox == [], "\(outbox.prefix(20).joined(separator: "\n"))")
      let rows = try await sandbox.databaseDifferences(from: inputs, flags)
      #expect(rows == [], "\(rows.prefix(20).joined(separator: "\n"))")
      #expect(try await sandbox.value("PRAGMA integrity_check") == "ok")
      #expect(try sandbox.names(in: sandbox.inbox) == [])
    }

    @Test(arguments: setups)
    func `every file becomes what the oracle makes of it`(setup: Setup) async throws {
      try await make(["random", "\(setup.seed)", "\(setup.count)", inputs])
      for name in try sandbox.names(in: inputs) {
        try FileManager.default.copyItem(
          atPath: inputs + "/" + name, toPath: sandbox.inbox + "/" + name)
      }
      let outcome = try await sandbox.once(setup.shared + setup.own)
      #expect(outcome.end == .exit(1), "some of the files are broken on purpose")
      try await expectAsTheOracleSays(setup.shared)
    }

    @Test func `files that drop while the daemon works become the same`() async throws {
      try await make(["random", "106", "200", inputs])
      let daemon = try await sandbox.daemon(["--max-rejects", "all"])
      let names = try sandbox.names(in: inputs)
      for (number, name) in names.enumerated() {
        let contents = try Data(contentsOf: URL(fileURLWithPath: inputs + "/" + name))
        if number.isMultiple(of: 2) {
          try sandbox.drop(name, contents)
        } else {
          try contents.write(to: URL(fileURLWithPath: sandbox.inbox + "/" + name))
        }
      }
      try await sandbox.awaitAllFinished(names.count)
      #expect(try await daemon.stop() == .exit(0))
      try await expectAsTheOracleSays(["--max-rejects", "all"])
    }

    /// 280,000 groups need far more than the mebibyte that the run may use: sums are written out in
    /// sorted runs and merged.
    @Test(arguments: ["totals", "rows"])
    func `a file with more groups than memory holds becomes the same`(keep: String) async throws {
      try await make(["large", "107", "300000", "200000", inputs + "/large.csv"])
      try FileManager.default.copyItem(
        atPath: inputs + "/large.csv", toPath: sandbox.inbox + "/large.csv")
      let outcome = try await sandbox.once(["--memory", "1MiB", "--keep", keep])
      #expect(outcome.end == .exit(0))
      try await expectAsTheOracleSays(["--keep", keep])
    }

    @Test func `a title that a spreadsheet would run is made harmless where that is asked for`()
      async throws
    {
      let file = #"""
        Song,Date,Number of Plays
        =1+1,d,1
        "+1, ""x""",d,1
        -1,d,1
        @a,@b,1
        "\#ta",d,1
        "\#ra",d,1
        plain=,d,1

        """#
      try Data(file.utf8).write(to: URL(fileURLWithPath: inputs + "/a.csv"))
      try sandbox.drop("a.csv", file)
      #expect(try await sandbox.once(["--escape-formulas", "true"]).end == .exit(0))
      #expect(try await sandbox.differences(from: inputs, ["--escape-formulas"]) == [])
      let result = try #require(try sandbox.result("a.csv"))
      #expect(result.contains("\n'=1+1,d,1\n"))
      #expect(result.contains("\n\"'+1, \"\"x\"\"\",d,1\n"))
      #expect(result.contains("\n'@a,'@b,1\n"))
      #expect(result.contains("\nplain=,d,1\n"))
    }
  }
}
