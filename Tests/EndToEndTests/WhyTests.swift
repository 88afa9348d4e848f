import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl why`: every file has a sentence.
  @Suite struct Why {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private struct Answer: Decodable {
      let name: String
      let reason: String
      let sentence: String
      let task: TaskOfAnswer?
    }

    private struct TaskOfAnswer: Decodable {
      let status: String
      let name: String
    }

    private func why(_ file: String) async throws -> Answer {
      let outcome = try await sandbox.watchctl(["why", file, "--json"])
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      return try JSONDecoder().decode(Answer.self, from: outcome.standardOutput)
    }

    private func write(_ name: String, _ text: String = Sandbox.plays(1)) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: sandbox.inbox + "/" + name))
    }

    @Test func `a task that is over is explained by what came of it`() async throws {
      try sandbox.drop("good.csv", Sandbox.plays(1))
      #expect(try await sandbox.once().end == .exit(0))
      try sandbox.drop("again.csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", "Song,Date,Number of Plays\nA,d,x\n")
      #expect(try await sandbox.once().end == .exit(1))

      let good = try await why("good.csv")
      #expect(good.reason == "done" && good.task?.status == "done")
      #expect(good.sentence.contains("1 row read, 0 rejected"), "\(good.sentence)")
      let again = try await why("again.csv")
      #expect(again.reason == "duplicate")
      #expect(again.sentence.contains(try await sandbox.receipt("good.csv").taskID))
      let bad = try await why("bad.csv")
      #expect(bad.reason == "failed")
      #expect(bad.sentence.contains("line 2, column 5, byte 30"), "\(bad.sentence)")

      let text = try await sandbox.watchctl(["why", "bad.csv"])
      #expect(text.output.hasPrefix("bad.csv: it failed (rejected-rows): "), "\(text.output)")
      #expect(text.output.split(separator: "\n").count == 1)
    }

    @Test func `a file that the daemon leaves alone is explained by its name or kind`()
      async throws
    {
      let daemon = try await sandbox.daemon()
      try write("notes.txt")
      try write("half.csv.part")
      try write(".hidden.csv")
      #expect(unsafe mkfifo(sandbox.inbox + "/pipe.csv", 0o644) == 0)
      try FileManager.default.createSymbolicLink(
        atPath: sandbox.inbox + "/link.csv", withDestinationPath: "/etc/hostname")
      for name in ["notes.txt", "half.csv.part", ".hidden.csv"] {
        let answer = try await why(name)
        #expect(answer.reason == "ignored-name" && answer.task == nil, "\(answer.sentence)")
      }
      let pipe = try await why("pipe.csv")
      #expect(pipe.reason == "not-regular")
      #expect(pipe.sentence.contains("FIFO"))
      #expect(try await why("link.csv").sentence.contains("symbolic link"))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `an open file is said to be open until its writer closes it`() async throws {
      let daemon = try await sandbox.daemon()
      try write("open.csv")
      let writer = try #require(FileHandle(forWritingAtPath: sandbox.inbox + "/open.csv"))
      let open = try await why("open.csv")
      #expect(open.reason == "open-by-writer", "\(open.sentence)")
      // The same by its path.
      #expect(try await why(sandbox.inbox + "/open.csv").reason == "open-by-writer")
      try writer.close()
      _ = try await sandbox.receipt("open.csv")
      #expect(try await why("open.csv").reason == "done")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a file that changed a moment ago is settling`() async throws {
      let daemon = try await sandbox.daemon(settle: "1h")
      try write("settling.csv")
      let written = Date()
      // Longer than any daemon waits that was not told to.
      try await eventually("a second passes") { Date().timeIntervalSince(written) > 1 }
      let answer = try await why("settling.csv")
      #expect(answer.reason == "settling", "\(answer.sentence)")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a file that waits for disk space is said to, where and by whose bound`()
      async throws
    {
      let daemon = try await sandbox.daemon(["--min-free", "900TiB"])
      try sandbox.drop("a.csv", Sandbox.plays(1))
      // It has settled by then.
      try await eventually("why says that it waits for space") {
        try await why("a.csv").reason == "no-space"
      }
      let answer = try await why("a.csv")
      #expect(answer.sentence.contains("900.0 TiB are to stay free (min-free)"))
      // The outbox, and not the inbox, which gets emptier.
      #expect(answer.sentence.contains(sandbox.outbox), "\(answer.sentence)")
      let doctor = try await sandbox.watchctl(["doctor"])
      #expect(
        doctor.output.matches(of: /\(min-free\): watchd takes no file/).count == 2,
        "\(doctor.output)")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `without a daemon a whole file waits for one, and an open one for its writer too`()
      async throws
    {
      #expect(try await sandbox.once().end == .exit(0))
      try write("whole.csv")
      let whole = try await why("whole.csv")
      #expect(whole.reason == "daemon-down")
      #expect(whole.sentence.contains("start watchd"))
      let writer = try #require(FileHandle(forWritingAtPath: sandbox.inbox + "/whole.csv"))
      #expect(try await why("whole.csv").reason == "open-by-writer")
      try writer.close()
    }

    @Test func `a task that a killed daemon left is said to go on when watchd starts`()
      async throws
    {
      let daemon = try await sandbox.daemon(["--workers", "1"])
      daemon.freeze()
      try sandbox.drop("a.csv", Sandbox.plays(1))
      try await daemon.kill()
      let left = try await why("a.csv")
      #expect(left.sentence.contains("start watchd"), "\(left.sentence)")
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await why("a.csv").reason == "done")
    }

    @Test func `a corrected file under the name of one that failed has both told of`()
      async throws
    {
      try sandbox.drop("a.csv", "")
      #expect(try await sandbox.once().end == .exit(1))
      try write("a.csv")
      let answer = try await why("a.csv")
      #expect(answer.reason == "failed")
      #expect(answer.sentence.contains("another file of that name is in the inbox: it lies in"))
    }

    @Test func `what was never dropped is said to be so, and where it would have to lie`()
      async throws
    {
      #expect(try await sandbox.once().end == .exit(0))
      let never = try await why("nobody.csv")
      #expect(never.reason == "never-seen")
      #expect(never.sentence.contains(sandbox.inbox))
      let elsewhere = try await why(sandbox.desk + "/nobody.csv")
      #expect(elsewhere.reason == "elsewhere")
      #expect(elsewhere.sentence.contains("watchctl submit"))
    }

    @Test func `nothing in a name reaches the terminal as it is`() async throws {
      #expect(try await sandbox.once().end == .exit(0))
      try write("\u{1B}[31mred\u{202E}.txt")
      let outcome = try await sandbox.watchctl(["why", "\u{1B}[31mred\u{202E}.txt"])
      #expect(outcome.end == .exit(0))
      #expect(outcome.output.hasPrefix("\\u{1B}[31mred\\u{202E}.txt: it is left alone"))
    }
  }
}
