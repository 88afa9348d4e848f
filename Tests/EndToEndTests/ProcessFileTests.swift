import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl process`: one file, no daemon, no state.
  @Suite struct ProcessFile {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// Writes a file outside of every folder of a daemon, and returns its path.
    private func file(_ text: String) throws -> String {
      let path = sandbox.desk + "/elsewhere.csv"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    private func process(
      _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> Outcome {
      try await run(Programs.watchctl, ["process"] + arguments, environment: environment)
    }

    @Test func `the result has the bytes of the daemon's, from a file and from standard input`()
      async throws
    {
      let text =
        "Song,Date,Number of Plays\n"
        + (0..<5000).map { "\"A, \($0 % 70)\",2024-01-0\($0 % 9 + 1),\($0)\n" }.joined()
      try sandbox.drop("plays.csv", text)
      #expect(try await sandbox.once().end == .exit(0))
      let result = try sandbox.result("plays.csv")
      let expected = try #require(result)
      let file = try file(text)
      let printed = try await process(file)
      #expect(printed.end == .exit(0))
      #expect(printed.output == expected)
      let named = try await process(file, "-o", file + ".out")
      #expect(named.end == .exit(0) && named.output.isEmpty)
      #expect(try String(contentsOfFile: file + ".out", encoding: .utf8) == expected)
    }

    @Test func `what does not fit in memory lies in TMPDIR, and the result has the same bytes`()
      async throws
    {
      // Keys in no order, each of them three times and far apart, in many pieces.
      let text =
        "Song,Date,Number of Plays\n"
        + (0..<150_000).map { number in
          "\"A \"\"long\"\" title, \(number % 50_000 * 7919 % 50_021)\",2024-01-01,\(number)\n"
        }.joined()
      let file = try file(text)
      let whole = try await process(file)
      #expect(whole.end == .exit(0))
      #expect(whole.standardOutput.count { $0 == UInt8(ascii: "\n") } == 50_001)
      let spilled = try await process(file, "--memory", "1MiB")
      #expect(spilled.end == .exit(0), "\(spilled.errorText)")
      let isSame = spilled.standardOutput == whole.standardOutput
      #expect(isSame, "\(spilled.standardOutput.count) bytes, \(whole.standardOutput.count)")
      // Where nothing can be written, only what fits in memory is added up.
      let nowhere = ["TMPDIR": "/proc"]
      let fits = try await process(file, environment: nowhere)
      #expect(fits.end == .exit(0), "\(fits.errorText)")
      let refused = try await process(
        file, "--memory", "1MiB", "-o", file + ".out", environment: nowhere)
      #expect(refused.end != .exit(0))
      #expect(refused.errorText.contains("/proc"), "\(refused.errorText)")
      #expect(!FileManager.default.fileExists(atPath: file + ".out"))
    }

    @Test func `rejected records are named and the exit code is 2 where they are let pass`()
      async throws
    {
      let file = try file(
        "Song,Date,Number of Plays\nA,d,1\nA,d,x\n")
      let outcome = try await process(file, "--max-rejects", "1")
      #expect(outcome.end == .exit(2))
      #expect(outcome.output == "Song,Date,Total Number of Plays for Date\nA,d,1\n")
      #expect(outcome.errorText.contains("line 3, column 5, byte 36"), "\(outcome.errorText)")
    }

    @Test func `a file that fails gives exit code 3, a sentence and no result`() async throws {
      let file = try file("Song,Date,Number of Plays\nA,d,x\n")
      let outcome = try await process(file, "-o", file + ".out")
      #expect(outcome.end == .exit(3))
      #expect(outcome.output.isEmpty)
      #expect(outcome.errorText.contains("rejected-rows: 1 record was rejected"))
      #expect(!FileManager.default.fileExists(atPath: file + ".out"))
    }
  }
}
