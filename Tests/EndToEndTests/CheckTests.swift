import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl check`: a dry run with every problem.
  @Suite struct Check {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let header = "Song,Date,Number of Plays\n"

    private func file(_ name: String, _ text: String) throws -> String {
      let path = sandbox.desk + "/" + name
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    private func check(_ arguments: String...) async throws -> Outcome {
      try await run(Programs.watchctl, ["check"] + arguments)
    }

    @Test func `a file without problems gives 0 and its rows`() async throws {
      let path = try file("a.csv", Self.header + "A,d,1\nB,d,2\n")
      let outcome = try await check(path)
      #expect(outcome.end == .exit(0))
      #expect(outcome.output == "\(path): it would be loaded: 2 rows read, 0 rejected\n")
      #expect(try sandbox.names(in: sandbox.desk) == ["a.csv"])
    }

    @Test func `every problem is shown with line, column, byte and reason`() async throws {
      let path = try file("a.csv", Self.header + "A,d,x\nB,d,2\nC,d\nD,d,1,2\n")
      let strict = try await check(path)
      #expect(strict.end == .exit(2))
      let lines = strict.output.split(separator: "\n")
      #expect(lines.count == 4)
      #expect(lines[0].hasPrefix("\(path):2:5: The number of plays is not a whole number"))
      #expect(lines[0].hasSuffix("(byte 30)"))
      #expect(lines[1].hasPrefix("\(path):4:1: The record has 2 columns"))
      #expect(lines[2].hasPrefix("\(path):5:7: The record has 4 columns"), "\(lines[2])")
      #expect(lines[3].hasPrefix("\(path): it would fail (rejected-rows): 3 records"))
      // Let pass they are problems all the same.
      let lenient = try await check("--max-rejects", "3", path)
      #expect(lenient.end == .exit(2))
      #expect(
        lenient.output.hasSuffix("\(path): it would be loaded: 4 rows read, 3 rejected\n"))
    }

    @Test(
      arguments: [
        ("", "empty", []), ("Song;Date", "header", []), ("A,B,C\n\"x", "unclosed-quote", []),
        (header + "A,d,\(Int64.max)\nA,d,1\n", "sum-overflow", []),
        (
          header + String(repeating: "A", count: 200) + ",d,1\n", "record-too-long",
          ["--max-record", "100B"]
        ),
      ])
    func `what would fail the file is said with its code`(
      text: String, code: String, flags: [String]
    ) async throws {
      let path = try file("a.csv", text)
      let outcome = try await run(Programs.watchctl, ["check"] + flags + [path])
      #expect(outcome.end == .exit(2))
      #expect(outcome.output.contains("it would fail (\(code)): "), "\(outcome.output)")
    }

    @Test func `dates are checked where that is asked for`() async throws {
      let path = try file("a.csv", Self.header + "A,2024-02-30,1\n")
      #expect(try await check(path).end == .exit(0))
      let outcome = try await check("--dates", "calendar", path)
      #expect(outcome.end == .exit(2))
      #expect(outcome.output.contains(":2:3: The date is not a real day"))
      #expect(try await check("--dates", "iso", path).end == .exit(2))
    }

    @Test func `no more than 10,000 problems of a file are listed, and all are counted`()
      async throws
    {
      let path = try file(
        "a.csv", Self.header + String(repeating: "A,d,x\n", count: 10_050))
      let outcome = try await check("--max-rejects", "all", path)
      #expect(outcome.end == .exit(2))
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 10_002)
      #expect(lines[10_000] == "\(path): and 50 more")
    }

    @Test func `JSON has a list of files, standard input among them`() async throws {
      let good = try file("a.csv", Self.header + "A,d,1\n")
      let bad = try file("b.csv", Self.header + "A,d,x\n")
      let outcome = try await run(
        "/bin/sh", ["-c", "\(Programs.watchctl) check --json - \(good) < \(bad)"])
      #expect(outcome.end == .exit(2))
      let files = try #require(
        try JSONSerialization.jsonObject(with: outcome.standardOutput) as? [[String: Any]])
      #expect(files.map { $0["file"] as? String } == ["-", good])
      #expect(files.map { $0["ok"] as? Bool } == [false, true])
      let problems = try #require(files[0]["problems"] as? [[String: Any]])
      #expect(problems.map { $0["line"] as? Int } == [2])
      #expect(problems.map { $0["byte"] as? Int } == [30])
    }

    @Test func `a file that cannot be read is an error, and the others are still checked`()
      async throws
    {
      let good = try file("a.csv", Self.header + "A,d,1\n")
      let outcome = try await check(sandbox.desk + "/none.csv", good)
      #expect(outcome.end == .exit(1))
      #expect(outcome.errorText.contains("none.csv"))
      #expect(outcome.output.contains("it would be loaded: 1 row read"))
    }
  }
}
