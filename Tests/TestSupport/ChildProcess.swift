package import Foundation
import Glibc
import Synchronization

/// A real process of a test: its output goes to files, its end is awaited, and it never outlives its
/// owner.
///
/// Output goes to files and not to pipes, so that a program that says much cannot stall on a test
/// that does not read, and so that what it said is still there after it was killed.
package final class ChildProcess: Sendable {
  private let folder: TemporaryDirectory
  /// Nil until the end was collected.
  ///
  /// A process that is not collected keeps its id (wait(2)), so under this lock no signal can go to a
  /// stranger.
  private let collected = Mutex<End?>(nil)
  package let processID: Int32

  /// How a process ended.
  package enum End: Hashable, Sendable {
    case exit(Int32)
    case signal(Int32)

    /// Decodes what waitpid(2) gives; its macros do not come across to Swift.
    fileprivate init(status: Int32) {
      self = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }
  }

  /// Starts a program in a working directory, the test's own where nil.
  ///
  /// The environment is added to the tests' own, from which every `WATCHD_` variable is taken: what a
  /// developer has set must not change what is tested.
  package init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    directory: String? = nil
  ) throws {
    folder = try TemporaryDirectory()
    let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("WATCHD_") }
    // env(1) changes the folder and becomes the program, under the same process id.
    let command =
      directory.map { ["/usr/bin/env", "--chdir=\($0)", program] + arguments }
      ?? [program] + arguments
    processID = try spawn(
      command[0], command,
      environment: inherited.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" },
      output: folder.path(of: "stdout"), errors: folder.path(of: "stderr"))
  }

  deinit {
    // SIGKILL ends a stopped process too.
    send(SIGKILL)
    _ = collect(options: 0)
  }

  package var isRunning: Bool { collect(options: WNOHANG) == nil }

  /// What it has written so far.
  package func standardOutput() throws -> Data { try contents("stdout") }
  package func standardError() throws -> Data { try contents("stderr") }

  /// Sends a signal; a process whose end was collected is left in peace.
  package func send(_ signal: Int32) {
    collected.withLock { if $0 == nil { _ = kill(processID, signal) } }
  }

  /// Awaits the end.
  package func end(within limit: Duration = .seconds(120)) async throws -> End {
    try await eventually(within: limit, "the end of process \(processID)") {
      collect(options: WNOHANG)
    }
  }

  /// Waits for the end, on this thread; for what ends at once, where nobody can await it.
  package func waitForEnd() -> End? { collect(options: 0) }

  /// Whether a signal has stopped it, all of its threads (proc_pid_stat(5)).
  package func isStopped() throws -> Bool {
    let threads = "/proc/\(processID)/task"
    return try FileManager.default.contentsOfDirectory(atPath: threads).allSatisfy { thread in
      let line = try String(contentsOfFile: "\(threads)/\(thread)/stat", encoding: .utf8)
      // The name before the state stands in parentheses, and may hold some itself.
      return line.split(separator: ")").last?.hasPrefix(" T") == true
    }
  }

  /// The end; nil while the process runs, unless `options` say to wait for it.
  private func collect(options: Int32) -> End? {
    collected.withLock { end in
      var status: Int32 = 0
      if end == nil, unsafe waitpid(processID, &status, options) == processID {
        end = End(status: status)
      }
      return end
    }
  }

  private func contents(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder.path(of: name)))
  }
}

/// What a program that ran to its end left behind.
package struct Outcome: Sendable {
  package let end: ChildProcess.End
  package let standardOutput: Data
  package let standardError: Data

  package var output: String { String(decoding: standardOutput, as: UTF8.self) }
  package var errorText: String { String(decoding: standardError, as: UTF8.self) }
}

/// Runs a program to its end.
package func run(
  _ program: String, _ arguments: [String], environment: [String: String] = [:],
  directory: String? = nil, within limit: Duration = .seconds(120)
) async throws -> Outcome {
  let child = try ChildProcess(
    program, arguments, environment: environment, directory: directory)
  let end = try await child.end(within: limit)
  return Outcome(
    end: end, standardOutput: try child.standardOutput(), standardError: try child.standardError())
}
