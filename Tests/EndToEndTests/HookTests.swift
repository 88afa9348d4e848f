import Foundation
import TestSupport
import Testing

/// Programs that are run when a file is over.
extension EndToEnd {
  @Suite struct Hooks {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// A program of the test's own.
    private func script(_ name: String, _ body: String) throws -> String {
      let path = sandbox.desk + "/" + name
      try Data("#!/bin/sh\n\(body)\n".utf8).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      return path
    }

    private func text(_ name: String) throws -> String? {
      let path = sandbox.desk + "/" + name
      guard FileManager.default.fileExists(atPath: path) else { return nil }
      return try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func `the receipt comes on standard input, to the one hook or the other`() async throws {
      let done = try script("done", "cat >\(sandbox.desk)/done.$1; pwd >\(sandbox.desk)/where")
      let failed = try script("failed", "cat >\(sandbox.desk)/failed.json")
      try sandbox.drop("a.csv", Sandbox.plays(3))
      try sandbox.drop("b.csv", "Song,Date,Number of Plays\na,b,c\n")
      let outcome = try await sandbox.once(["--on-done", done + " json", "--on-failed", failed])
      #expect(outcome.end == .exit(1))
      #expect(try text("done.json") == sandbox.result("a.csv.receipt.json"))
      #expect(try text("failed.json") == sandbox.result("b.csv.receipt.json"))
      #expect(try text("where")?.hasSuffix("/outbox\n") == true)
    }

    @Test func `a hook gets nothing of the daemon's environment but the state`() async throws {
      let hook = try script(
        "hook", "env | cut -d= -f1 | sort | tr '\\n' ' ' >\(sandbox.desk)/names")
      try sandbox.drop("a.csv", Sandbox.plays(3))
      _ = try await sandbox.once(["--on-done", hook], environment: ["SECRET": "1"])
      #expect(try text("names") == "LANG PATH PWD WATCHD_STATE ")
    }

    @Test func `hooks that hang hold up nothing, and are ended with all that they started`()
      async throws
    {
      let hook = try script("hook", "echo $$ >>\(sandbox.desk)/pids; sleep 1000 & sleep 1000")
      let daemon = try await sandbox.daemon(["--on-done", hook, "--hook-timeout", "2s"])
      for number in 1...20 {
        try sandbox.drop("\(number).csv", Sandbox.plays(number, song: "\(number)"))
      }
      for number in 1...20 { _ = try await sandbox.receipt("\(number).csv") }
      let pids = try text("pids")?.split(separator: "\n").map(String.init) ?? []
      #expect(pids.count <= 4, "more than four at once: \(pids)")
      try await eventually("one was ended") {
        try daemon.log().contains {
          $0.level == "warning" && $0.message == "a hook took too long and was ended"
        }
      }
      let began = ContinuousClock.now
      #expect(try await daemon.stop() == .exit(0))
      #expect(ContinuousClock.now - began < .seconds(5))
      // In a session of its own each: its number is that of its first process.
      for pid in try #require(try text("pids")).split(separator: "\n") {
        // Those that nobody has collected yet run no more.
        let left = try await run("/usr/bin/pgrep", ["-s", String(pid), "--runstates", "R,S,D"])
        #expect(left.output == "")
      }
    }

    /// Hooks, and what their programs leave running in a way that only SIGKILL ends.
    static let leavings = [
      // In time, and with the program's end; `sleep` inherits that SIGTERM is ignored.
      ("trap '' TERM; sleep 1000 & echo $! >DESK/child; exit 0", "a hook was run"),
      // Past its time: the first process obeys, the second does not.
      ("(trap '' TERM; exec sleep 1000) & echo $! >DESK/child; wait", "took too long"),
      // One that goes on writing as fast as it can.
      ("(trap '' TERM; exec yes >&2) & echo $! >DESK/child; wait", "took too long"),
    ]

    @Test(arguments: leavings)
    func `nothing that a hook started outlives it`(body: String, message: String) async throws {
      let hook = try script("hook", body.replacing("DESK", with: sandbox.desk))
      try sandbox.drop("a.csv", Sandbox.plays(3))
      let outcome = try await sandbox.once([
        "--on-done", hook, "--hook-timeout", "1s", "--log-level", "debug",
      ])
      #expect(outcome.end == .exit(0))
      #expect(outcome.errorText.contains(message))
      let child = try #require(try text("child")).trimmingCharacters(in: .whitespacesAndNewlines)
      try await eventually("process \(child) is gone") {
        try !Self.runs(child)
      }
    }

    /// Whether a process is there and has not ended.
    private static func runs(_ processID: String) throws -> Bool {
      let path = "/proc/\(processID)/stat"
      guard FileManager.default.fileExists(atPath: path) else { return false }
      let line = try String(contentsOfFile: path, encoding: .utf8)
      return line.split(separator: ")").last?.hasPrefix(" Z") == false
    }

    @Test(arguments: [0, 3])
    func `a hook that says very much is heard to its end, and the log has both ends of it`(
      code: Int
    ) async throws {
      let hook = try script(
        "hook",
        """
        echo the first line >&2
        head -c 1000000 /dev/zero | tr '\\0' x >&2
        echo the last line >&2
        echo yes >\(sandbox.desk)/ended
        exit \(code)
        """)
      try sandbox.drop("a.csv", Sandbox.plays(3))
      let outcome = try await sandbox.once(["--on-done", hook])
      #expect(outcome.end == .exit(0))
      #expect(try text("ended") == "yes\n")
      let lines = outcome.errorText.split(separator: "\n").filter { $0.contains("a hook") }
      if code == 0 {
        #expect(lines == [])
      } else {
        let line = try #require(lines.first)
        #expect(line.contains("a hook failed") && line.count < 5000)
        #expect(line.contains("the first line") && line.contains("the last line"))
      }
    }

    @Test func `a stop lets a hook that is nearly done come to its end`() async throws {
      let hook = try script(
        "hook",
        "echo $$ >\(sandbox.desk)/pid; read line <\(sandbox.desk)/fifo; echo $line >\(sandbox.desk)/end"
      )
      #expect(try await run("/usr/bin/mkfifo", [sandbox.desk + "/fifo"]).end == .exit(0))
      let daemon = try await sandbox.daemon(["--on-done", hook, "--log-level", "debug"])
      try sandbox.drop("a.csv", Sandbox.plays(3))
      try await eventually("the hook runs") { try text("pid") != nil }
      async let end = daemon.stop()
      try await eventually("the workers have ended") {
        try daemon.log().contains { $0.message == "waiting for hooks that run" }
      }
      try Data("in time\n".utf8).write(to: URL(fileURLWithPath: sandbox.desk + "/fifo"))
      #expect(try await end == .exit(0))
      #expect(try text("end") == "in time\n")
      #expect(try daemon.log().allSatisfy { $0.level != "warning" })
    }

    @Test(arguments: [
      ("echo no such list >&2; exit 3", "a hook failed", "no such list"),
      ("kill -SEGV $$", "a hook failed", "11"),
    ])
    func `a hook that fails is told of, and changes nothing`(
      body: String, message: String, detail: String
    ) async throws {
      let hook = try script("hook", body)
      try sandbox.drop("a.csv", Sandbox.plays(3))
      let outcome = try await sandbox.once(["--on-done", hook])
      #expect(outcome.end == .exit(0))
      let line = outcome.errorText.split(separator: "\n").first { $0.contains(message) }
      #expect(try #require(line).contains(detail))
      #expect(try sandbox.receiptNow("a.csv")?.status == "done")
    }

    @Test func `one that is not there, or does not read, is no harm either`() async throws {
      try sandbox.drop("a.csv", Sandbox.plays(3))
      let outcome = try await sandbox.once(["--on-done", "/nonexistent/hook"])
      #expect(outcome.end == .exit(0))
      #expect(outcome.errorText.contains("a hook could not be run"))
      try sandbox.drop("b.csv", Sandbox.plays(4))
      #expect(try await sandbox.once(["--on-done", "/bin/true"]).end == .exit(0))
    }
  }
}
