import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The checks themselves: a comparison that cannot fail proves nothing.
  @Suite struct Oracle {
    private let sandbox: Sandbox
    private let inputs: String

    init() throws {
      sandbox = try Sandbox()
      inputs = sandbox.desk + "/inputs"
      try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: false)
    }

    private func write(_ path: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// An outbox as it must be for the file below.
    private static let file = "Song,Date,Number of Plays\nB,d,1\n\"A, \"\"x\"\"\",d,2\nB,d,3\n"
    private static let total =
      "Song,Date,Total Number of Plays for Date\n\"A, \"\"x\"\"\",d,2\nB,d,4\n"
    private static let receipt = """
      {"task_id": "t", "name": "a.csv", "status": "done", "bytes": 53, "columns": "name",
      "sha256": "9f05eaaafef55b3ca2313d6cd31ab4432ab103eb663a2db15be02d74b464419c",
      "rows_read": 3, "rows_accepted": 3, "rows_rejected": 0, "groups": 2, "plays_in": 6,
      "plays_out": 6, "result_name": "a.csv", "result_bytes": 62,
      "result_sha256": "ea6f492c1a40f52894a924087e8e7aa015d8c379b818fa876306627f98909056", "error_code": null}
      """

    private func writeOutbox() throws {
      try write(inputs + "/a.csv", Self.file)
      try write(sandbox.outbox + "/a.csv", Self.total)
      try write(sandbox.outbox + "/a.csv.receipt.json", Self.receipt)
    }

    private func change(_ name: String, _ old: String, _ new: String) throws {
      let path = sandbox.outbox + "/" + name
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try #require(text.contains(old))
      try write(path, text.replacing(old, with: new))
    }

    @Test func `the comparison finds nothing where all is right`() async throws {
      try writeOutbox()
      #expect(try await sandbox.differences(from: inputs).isEmpty)
    }

    @Test(
      arguments: [
        ("a.csv", "B,d,4", "B,d,5"), ("a.csv", "B,d,4\n", "B,d,4"), ("a.csv", "\"A", "\"a"),
        ("a.csv.receipt.json", "\"rows_read\": 3", "\"rows_read\": 4"),
        ("a.csv.receipt.json", "\"plays_out\": 6", "\"plays_out\": 7"),
        ("a.csv.receipt.json", "\"status\": \"done\"", "\"status\": \"failed\""),
        ("a.csv.receipt.json", "\"columns\": \"name\"", "\"columns\": \"position\""),
      ])
    func `the comparison notices one changed byte`(name: String, old: String, new: String)
      async throws
    {
      try writeOutbox()
      try change(name, old, new)
      #expect(try await sandbox.differences(from: inputs) != [])
    }

    @Test func `the comparison notices a missing receipt and a stray file`() async throws {
      try writeOutbox()
      try FileManager.default.removeItem(atPath: sandbox.outbox + "/a.csv.receipt.json")
      #expect(try await sandbox.differences(from: inputs).contains("a.csv: no receipt"))
      try writeOutbox()
      try write(sandbox.outbox + "/.partial", "")
      #expect(try await sandbox.differences(from: inputs).count == 1)
    }

    @Test func `the comparison refuses to compare nothing`() async throws {
      await #expect(throws: NeverHappened.self) { try await sandbox.differences(from: inputs) }
    }

    /// What the oracle expects of files, in their order.
    private func expectations(of files: [[UInt8]], _ options: [String]) async throws
      -> [Expectation]
    {
      var paths: [String] = []
      for (number, file) in files.enumerated() {
        paths.append(inputs + "/\(number).csv")
        try Data(file).write(to: URL(fileURLWithPath: paths[number]))
      }
      let outcome = try await Programs.python("oracle.py", ["expect"] + options + paths)
      return try JSONDecoder().decode([Expectation].self, from: outcome.standardOutput)
    }

    @Test(arguments: [false, true])
    func `the oracle knows the place of every kind of reject`(calendar: Bool) async throws {
      let cases = RejectCase.all.filter { $0.needsCalendar == calendar }
      let found = try await expectations(
        of: cases.map(\.file), ["--dates", calendar ? "calendar" : "any"])
      try #require(found.count == cases.count)
      for (example, expectation) in zip(cases, found) {
        #expect(expectation.codes == ["rejected-rows"], "\(example.title)")
        #expect(expectation.rejects == [example.place], "\(example.title)")
      }
    }

    @Test func `the oracle knows every way in which a file fails`() async throws {
      let found = try await expectations(
        of: FailureCase.all.map(\.file), ["--max-record", "\(FailureCase.maxRecord)"])
      try #require(found.count == FailureCase.all.count)
      for (example, expectation) in zip(FailureCase.all, found) {
        #expect(expectation.codes == [example.code], "\(example.title)")
      }
    }

    @Test func `the short cut for plain files gives what the long way gives`() async throws {
      let path = inputs + "/plain.csv"
      let made = try await Programs.python("inputs.py", ["large", "11", "20000", "300", path])
      #expect(made.end == .exit(0))
      let quick = try await Programs.python("oracle.py", ["result", path])
      let slow = try await Programs.python("oracle.py", ["result", "--slow", path])
      #expect(quick.standardOutput == slow.standardOutput)
      #expect(quick.standardOutput.count > 10_000)
    }

    private struct Expectation: Decodable {
      let codes: [String]
      let rejects: [Place]
    }
  }
}
