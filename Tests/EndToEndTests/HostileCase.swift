import Foundation
import Glibc
import TestSupport
import Testing

/// Something that a sender, a person or the machine does while the daemon runs, and what must come of it.
///
/// A case acts and expects; that nothing is left half-done afterwards is looked at for all of them (`HostileTests`).
struct HostileCase: Sendable, CustomTestStringConvertible {
  let title: String
  /// Whether the daemon answers over HTTP, and tells a service manager how it does.
  let isOverseen: Bool
  let act: @Sendable (HostileSite) async throws -> Void

  init(
    _ title: String, isOverseen: Bool = false,
    _ act: @escaping @Sendable (HostileSite) async throws -> Void
  ) {
    self.title = title
    self.isOverseen = isOverseen
    self.act = act
  }

  var testDescription: String { title }
}

/// A running daemon and its folders, with what hostile hands need.
struct HostileSite: Sendable {
  let sandbox: Sandbox
  let daemon: RunningDaemon
  /// Of a case that is overseen.
  let manager: DatagramSocket?

  static let header = "Song,Date,Number of Plays\n"
  /// Rows of a file that takes long enough for something to be done in the middle of its reading.
  static let largeRows = 400_000

  /// Each row adds one play; 25 bytes a row.
  static var large: String {
    header + (0..<largeRows).map { "Song \(1000 + $0 % 900),2024-01-01,0001\n" }.joined()
  }

  var desk: String { sandbox.desk }
  var inbox: String { sandbox.inbox }

  func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  /// rename(2), which replaces what has the name.
  func rename(_ from: String, _ to: String) throws {
    guard unsafe Glibc.rename(from, to) == 0 else {
      throw NeverHappened("rename \(from) to \(to): errno \(errno)")
    }
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

  /// stat(2), with times to the nanosecond.
  func status(of path: String) throws -> stat {
    var status = stat()
    // The path is read and the structure filled, and neither kept.
    guard unsafe stat(path, &status) == 0 else {
      throw NeverHappened("stat \(path): errno \(errno)")
    }
    return status
  }

  /// Sets the times that any program may set: utimensat(2).
  func setTimes(of path: String, asIn status: stat) throws {
    // Two times are read, as it wants.
    guard unsafe utimensat(AT_FDCWD, path, [status.st_atim, status.st_mtim], 0) == 0 else {
      throw NeverHappened("utimensat \(path): errno \(errno)")
    }
  }

  /// Has a sender write a part of a file, and takes its life while it has the file open.
  func leaveHalf(_ text: String, at path: String) async throws {
    let sender = try ChildProcess(
      "/usr/bin/env",
      [
        "python3", "-c",
        """
        import signal, sys
        file = open(sys.argv[1], "w")
        file.write(sys.argv[2])
        file.flush()
        signal.pause()
        """, path, text,
      ])
    try await eventually("a part of \(path) is written") {
      guard FileManager.default.fileExists(atPath: path) else { return false }
      return try String(contentsOfFile: path, encoding: .utf8) == text
    }
    sender.send(SIGKILL)
    _ = try await sender.end()
  }

  /// The daemon's answers, of a case that is overseen.
  func door() async throws -> Door { try await Door(of: daemon, in: sandbox) }

  /// Awaits that the service manager is told so.
  func awaitStatus(_ words: String) async throws {
    try await eventually("the status says \(words)") {
      try manager?.lines().contains { $0.hasPrefix("STATUS=") && $0.contains(words) } ?? false
    }
  }

  /// Awaits that the inbox was looked through a few times more.
  func awaitScans() async throws {
    let door = try await door()
    let before = try await door.metric("watchd_inbox_rescans_total")
    try await eventually("the inbox is looked through again and again") {
      try await door.metric("watchd_inbox_rescans_total") > before + 2
    }
  }

  /// Drops a large file of which the sender keeps another name, and stops the daemon in the middle of reading it.
  ///
  /// - Returns: The sender's name.
  func freezeWithinLarge() async throws -> String {
    let path = desk + "/sender.csv"
    try write(Self.large, to: path)
    try FileManager.default.linkItem(atPath: path, toPath: inbox + "/large.csv")
    try await daemon.awaitRead(bytes: 4 << 20)
    daemon.freeze()
    #expect(try await sandbox.value("SELECT status FROM manifest") == "running")
    return path
  }

  /// Changes a file through a descriptor that is closed when this returns.
  func change(_ path: String, _ body: (FileHandle) throws -> Void) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try body(file)
    try file.close()
  }

  /// Goes on, and awaits that so many tasks are over and add up to so many plays.
  func expect(
    tasks: Int, plays: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    daemon.thaw()
    try await sandbox.awaitAllFinished(tasks)
    let found = try await sandbox.query("SELECT name, status, rows_read, error FROM manifest")
    #expect(
      try await sandbox.playsSum() == plays, "\(found.prefix(5))", sourceLocation: sourceLocation)
  }

  func command(_ name: String, _ arguments: [String]) async throws {
    let outcome = try await run("/usr/bin/env", [name] + arguments)
    guard outcome.end == .exit(0) else {
      throw NeverHappened("\(name) \(arguments): \(outcome.errorText)")
    }
  }
}
