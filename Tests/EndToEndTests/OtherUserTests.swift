import Foundation
import Glibc
import TestSupport
import Testing

/// A program as nobody, by root.
enum OtherUser {
  private static let id = 65534

  static let reason: String = "SKIPPED: only root can run watchd as another user (setpriv)"

  /// What runs the program whose path follows.
  static let command = ["setpriv", "--reuid", "\(id)", "--regid", "\(id)", "--clear-groups"]

  /// A copy of watchd, for where it was built another user may not be let in.
  static func program(in sandbox: Sandbox) throws -> String {
    let path = sandbox.desk + "/watchd"
    try FileManager.default.copyItem(atPath: Programs.watchd, toPath: path)
    return path
  }

  static func take(_ folder: String) throws {
    try FileManager.default.setAttributes(
      [.ownerAccountID: id, .groupOwnerAccountID: id], ofItemAtPath: folder)
  }

  static func isPossible() async -> Bool {
    guard geteuid() == 0 else { return false }
    do {
      let sandbox = try Sandbox()
      let program = try program(in: sandbox)
      let outcome = try await run("/usr/bin/env", command + [program, "--version"])
      if outcome.end != .exit(0) { print("not possible: \(outcome.errorText)") }
      return outcome.end == .exit(0)
    } catch {
      print("not possible: \(error)")
      return false
    }
  }
}

extension EndToEnd {
  /// The daemon as a user who may not read everything, as a service runs it, and files that are root's.
  @Suite(.enabled(Comment(rawValue: OtherUser.reason)) { await OtherUser.isPossible() })
  struct OtherUsers {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
      for folder in [sandbox.inbox, sandbox.outbox, sandbox.state] { try OtherUser.take(folder) }
    }

    private func setMode(_ mode: mode_t, of name: String) throws {
      // chmod(2) reads the path and keeps nothing.
      try #require(unsafe chmod(name, mode) == 0)
    }

    @Test func `a file of root's waits while watchd may not read it, and is taken when it may`()
      async throws
    {
      let daemon = try RunningDaemon(
        OtherUser.command + [try OtherUser.program(in: sandbox)],
        sandbox.flags() + ["--rescan", "200ms", "--http", "127.0.0.1:0"])
      try await daemon.awaitReady()
      let door = try await Door(of: daemon, in: sandbox)
      let (prepared, path) = (sandbox.desk + "/shut.csv", sandbox.inbox + "/shut.csv")
      try Data(Sandbox.plays(3).utf8).write(to: URL(fileURLWithPath: prepared))
      try setMode(0, of: prepared)
      try FileManager.default.moveItem(atPath: prepared, toPath: path)
      try await eventually("the metrics have it") {
        try await door.metric("watchd_inbox_files{reason=\"trouble\"}") == 1
      }
      // Others do not wait for it.
      try sandbox.drop("open.csv", Sandbox.plays(20))
      #expect(try await sandbox.receipt("open.csv").status == "done")
      let scans = try await door.metric("watchd_inbox_rescans_total")
      try await eventually("the inbox is looked through again and again") {
        try await door.metric("watchd_inbox_rescans_total") > scans + 2
      }
      #expect(try sandbox.names(in: sandbox.inbox) == ["shut.csv"])
      let told = try daemon.logText().filter { $0.contains("shut.csv") }
      #expect(told.count == 1, "\(told)")
      try setMode(0o644, of: path)
      #expect(try await sandbox.receipt("shut.csv").status == "done")
      #expect(try await sandbox.playsSum() == 23)
      #expect(try sandbox.names(in: sandbox.inbox) == [])
      #expect(try await daemon.stop() == .exit(0))
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work") == [])
    }
  }
}
