import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Generate {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private func generate(_ flags: [String]) async throws -> Outcome {
      try await run(Programs.watchctl, ["generate"] + flags)
    }

    @Test(arguments: ["low", "zipf", "unique", "quoted"])
    func `a generated file is loaded without a reject`(shape: String) async throws {
      let flags = ["--rows", "5000", "--shape", shape, "--seed", "3"]
      let path = sandbox.inbox + "/made.csv"
      #expect(try await generate(flags + ["-o", path]).end == .exit(0))
      let printed = try await generate(flags).standardOutput
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == printed)
      // The daemon takes the files away and the oracle wants them.
      let inputs = sandbox.desk + "/inputs"
      try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: true)
      try printed.write(to: URL(fileURLWithPath: inputs + "/made.csv"))
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.receipt("made.csv").rows == [5000, 5000, 0])
      #expect(try await sandbox.differences(from: inputs) == [])
    }

    @Test func `a file has its name only once it is whole`() async throws {
      let path = sandbox.desk + "/made.csv"
      try Data("older".utf8).write(to: URL(fileURLWithPath: path))
      let child = try ChildProcess(
        Programs.watchctl, ["generate", "--rows", "100000000", "-o", path])
      try await eventually("the hidden file") {
        try FileManager.default.contentsOfDirectory(atPath: sandbox.desk).count == 2
      }
      child.send(SIGINT)
      #expect(try await child.end() == .exit(1))
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.desk) == ["made.csv"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "older")
      #expect(try await generate(["--rows", "0", "-o", path]).end == .exit(0))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "Song,Date,Number of Plays\n")
    }

    @Test func `asked to end just as it makes the hidden file, it leaves nothing of it`()
      async throws
    {
      let fault = Fault(action: .stop, calls: [.create], number: 1, path: "/.made.csv.")
      let child = try ChildProcess(
        Programs.watchctl, ["generate", "--rows", "100000000", "-o", sandbox.desk + "/made.csv"],
        environment: fault.environment(report: sandbox.state + "/report"))
      try await eventually("it stops before it makes the file") { try child.isStopped() }
      child.send(SIGINT)
      child.send(SIGCONT)
      #expect(try await child.end() == .exit(1))
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.desk) == [])
    }

    @Test func `a reader that has seen enough is no error`() async throws {
      let command = "set -o pipefail; '\(Programs.watchctl)' generate --rows 1000000 | head -n 1"
      let outcome = try await run(Programs.env, ["bash", "-c", command])
      #expect(outcome.end == .exit(0))
      #expect(outcome.output == "Song,Date,Number of Plays\n")
      #expect(outcome.errorText.isEmpty)
    }

    @Test(arguments: [
      (["--rows", "1", "--songs", "0"], Int32(2), "songs"),
      (["--rows", "21", "--shape", "unique", "--songs", "4", "--days", "5"], 2, "20 pairs"),
      (["--rows", "1", "-o", "/nowhere/made.csv"], 1, "/nowhere/made.csv"),
      (["--rows", "1", "-o", "/dev/full"], 1, "/dev/full"),
    ])
    func `what cannot be made is said in a sentence`(
      flags: [String], code: Int32, word: String
    ) async throws {
      let outcome = try await generate(flags)
      #expect(outcome.end == .exit(code))
      #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
    }
  }
}
