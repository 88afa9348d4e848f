import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl doctor`: each finding with its remedy.
  @Suite struct Doctor {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private struct Finding: Decodable {
      let check: String
      let ok: Bool
      let sentence: String
      let remedy: String?
    }

    /// What is wrong, by check; every one has a remedy.
    private func wrong(exit code: Int32) async throws -> [String: String] {
      let outcome = try await sandbox.watchctl(["doctor", "--json"])
      #expect(outcome.end == .exit(code), "\(outcome.output)\(outcome.errorText)")
      let findings = try JSONDecoder().decode([Finding].self, from: outcome.standardOutput)
      #expect(!findings.isEmpty)
      for finding in findings { #expect(finding.ok == (finding.remedy == nil), "\(finding)") }
      return Dictionary(findings.filter { !$0.ok }.map { ($0.check, $0.sentence) }) { $0 + $1 }
    }

    @Test func `with a daemon that runs nothing is wrong, and its process is named`() async throws {
      let daemon = try await sandbox.daemon()
      try sandbox.drop("a.csv", Sandbox.plays(1))
      _ = try await sandbox.receipt("a.csv")
      #expect(try await wrong(exit: 0) == [:])
      let text = try await sandbox.watchctl(["doctor"])
      #expect(text.end == .exit(0))
      for words in ["it runs as process", "is sound, its schema is version", "libsqlite3 3."] {
        #expect(text.output.contains(words), "\(text.output)")
      }
      #expect(!text.output.contains("\u{1B}"))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `what is wrong is found`() async throws {
      try sandbox.drop("bad.csv", "")
      #expect(try await sandbox.once().end == .exit(1))
      try sandbox.drop("notes.txt", "?")
      try sandbox.drop("whole.csv", Sandbox.plays(1))
      try sandbox.drop("later.csv.part", "?")
      try FileManager.default.removeItem(atPath: sandbox.outbox)
      let wrong = try await wrong(exit: 1)
      #expect(Set(wrong.keys) == ["daemon", "failed", "inbox-files", "outbox"])
      #expect(wrong["failed"]?.contains("bad.csv: The file has no bytes") == true)
      #expect(wrong["inbox-files"]?.contains("nobody takes 2 of the inbox's entries") == true)
    }

    @Test func `a state directory that is missing or was never used is a finding`() async throws {
      #expect(Set(try await wrong(exit: 1).keys) == ["daemon", "database"])
      let nowhere = try await run(
        Programs.watchctl, ["doctor", "--state", sandbox.desk + "/nowhere"])
      #expect(nowhere.end == .exit(1))
      #expect(nowhere.output.contains("nowhere"), "\(nowhere.output)")
    }

    @Test func `a damaged database is found`() async throws {
      try sandbox.drop(
        "a.csv",
        "Song,Date,Number of Plays\n"
          + (0..<5000).map { "a song with a long name \($0),2024-01-01,1\n" }.joined())
      #expect(try await sandbox.once().end == .exit(0))
      // Nobody has it open; zeroes over some pages in the middle.
      let file = try #require(FileHandle(forUpdatingAtPath: sandbox.state + "/watchd.db"))
      try file.seek(toOffset: 4096 * 30)
      try file.write(contentsOf: Data(count: 4096 * 4))
      try file.close()
      let wrong = try await wrong(exit: 1)
      #expect(wrong["database"]?.contains("damaged") == true, "\(wrong)")
    }
  }
}
