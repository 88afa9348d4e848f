import Foundation
import Glibc
import TestSupport

/// A real `watchd` that runs in the background of a test; killed when the last reference goes.
final class RunningDaemon: Sendable {
  private let process: ChildProcess

  // `openFiles`: how many it may have open; nil for as many as the test may.
  convenience init(
    _ flags: [String], environment: [String: String] = [:], directory: String? = nil,
    openFiles: Int? = nil
  ) throws {
    let limit = openFiles.map { ["prlimit", "--nofile=\($0):\($0)"] } ?? []
    try self.init(
      limit + [Programs.watchd], flags, environment: environment, directory: directory)
  }

  /// A command that begins with its program, or with one that becomes it (prlimit(1), setpriv(1)).
  init(
    _ command: [String], _ flags: [String], environment: [String: String] = [:],
    directory: String? = nil
  ) throws {
    process = try ChildProcess(
      command.count == 1 ? command[0] : "/usr/bin/env",
      (command.count == 1 ? [] : command) + flags + ["--log-format", "json"],
      environment: environment, directory: directory)
  }

  var processID: Int32 { process.processID }

  var isRunning: Bool { process.isRunning }

  func send(_ signal: Int32) { process.send(signal) }

  /// Whether a signal has stopped all of its threads.
  func isStopped() throws -> Bool { try process.isStopped() }

  /// One line of the log.
  struct LogLine: Decodable, Sendable {
    let time: String
    let level: String
    let message: String
  }

  /// The whole lines of the log so far, as text.
  func logText() throws -> [String] {
    let text = String(decoding: try process.standardError(), as: UTF8.self)
    // What follows the last line feed is still being written.
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  func log() throws -> [LogLine] {
    try logText().map { try JSONDecoder().decode(LogLine.self, from: Data($0.utf8)) }
  }

  /// Awaits the line that says that the inbox is watched and was looked through.
  func awaitReady() async throws {
    try await eventually("watchd says that it is ready") {
      if try log().contains(where: { $0.message == "ready" }) { return true }
      guard isRunning else {
        throw NeverHappened(
          "watchd ended before it was ready: \(try logText().joined(separator: "\n"))")
      }
      return false
    }
  }

  /// Asks it to stop and returns how it ended.
  func stop(_ signal: Int32 = SIGTERM, within limit: Duration = .seconds(60)) async throws
    -> ChildProcess.End
  {
    process.send(signal)
    return try await process.end(within: limit)
  }

  /// Takes its life: no handler runs, nothing is flushed.
  func kill() async throws {
    process.send(SIGKILL)
    let end = try await process.end()
    guard end == .signal(SIGKILL) else {
      throw NeverHappened("watchd ended before the kill: \(end)")
    }
  }

  /// Awaits that it has read so many bytes since it was started, by read(2) and its like (`rchar` in
  /// proc_pid_io(5)): the way to meet it in the middle of a file, however fast it is.
  func awaitRead(bytes: Int) async throws {
    try await eventually(within: .seconds(120), "watchd has read \(bytes) bytes") {
      let counters = try String(
        contentsOfFile: "/proc/\(process.processID)/io", encoding: .utf8)
      let line = counters.split(separator: "\n").first { $0.hasPrefix("rchar: ") }
      return line.flatMap { Int($0.dropFirst(7)) }.map { $0 >= bytes } ?? false
    }
  }

  /// The most memory that it had so far, in bytes (`VmHWM` in proc_pid_status(5)).
  func peakMemory() throws -> Int { try memory("VmHWM") }

  /// The memory that it has now and that is no file's, in bytes (`RssAnon`).
  func anonymousMemory() throws -> Int { try memory("RssAnon") }

  private func memory(_ field: String) throws -> Int {
    let status = try String(
      contentsOfFile: "/proc/\(process.processID)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    let kibibytes = line?.split(separator: " ").compactMap { Int($0) }.first
    guard let kibibytes else { throw NeverHappened("the kernel did not tell of the memory") }
    return kibibytes << 10
  }

  /// How many descriptors it has open.
  func openDescriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processID)/fd").count
  }

  /// Has the kernel take the peak from what is in memory now: proc(5), clear_refs.
  func forgetPeakMemory() throws {
    try Data("5".utf8).write(
      to: URL(fileURLWithPath: "/proc/\(process.processID)/clear_refs"))
  }

  /// Asks it to read its configuration file anew.
  func hangUp() { process.send(SIGHUP) }

  /// Stops its threads where they are, until `thaw`.
  func freeze() { process.send(SIGSTOP) }
  func thaw() { process.send(SIGCONT) }

  /// Awaits an end that it comes to by itself.
  func end(within limit: Duration = .seconds(60)) async throws -> ChildProcess.End {
    try await process.end(within: limit)
  }
}
