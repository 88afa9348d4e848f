import Foundation
import TestSupport

/// An inbox, an outbox and a state folder of one test's own.
///
/// Names are bytes where they matter (`NameTests`); everything here takes text.
final class Sandbox: Sendable {
  /// Where the system keeps files in memory: a file system other than that of /tmp.
  static let memory = "/dev/shm"

  private let folder: String
  private let inboxFolder: String
  /// What the folders lie on, where that goes with them.
  private let mounts: [Mount]
  let inbox: String
  let outbox: String
  let state: String
  /// For what a test prepares before it drops it; on the inbox's file system.
  let desk: String

  /// - Parameters:
  ///   - root: Where the folders are made; the system's temporary folder by default.
  ///   - inboxRoot: Where the inbox is made instead, to have it on another file system.
  /// - Throws: What the file system says.
  init(root: String = NSTemporaryDirectory(), inboxRoot: String? = nil) throws {
    let name = "watchd-e2e-\(UUID().uuidString)"
    folder = URL(fileURLWithPath: root).path + "/" + name
    inboxFolder = inboxRoot.map { $0 + "/" + name } ?? folder
    mounts = []
    inbox = inboxFolder + "/inbox"
    outbox = folder + "/outbox"
    state = folder + "/state"
    desk = inboxFolder + "/desk"
    try makeFolders()
  }

  /// The folders on a mounted disk, which goes as a whole; made where they are missing.
  ///
  /// The outbox may have a disk of its own: then no sync of anything else makes its entries durable.
  init(on mount: Mount, outboxOn other: Mount? = nil) throws {
    mounts = [mount] + (other.map { [$0] } ?? [])
    let root = mount.path
    (folder, inboxFolder) = (root, root)
    inbox = root + "/inbox"
    outbox = (other?.path ?? root) + "/outbox"
    state = root + "/state"
    desk = root + "/desk"
    try makeFolders()
  }

  private func makeFolders() throws {
    for path in [inbox, outbox, state, desk] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }

  /// A sandbox of its own whose outbox and state are what those of another one are now; no daemon
  /// may run there.
  convenience init(copyOf other: Sandbox, root: String) throws {
    try self.init(root: root)
    for (source, copy) in [(other.outbox, outbox), (other.state, state)] {
      try FileManager.default.removeItem(atPath: copy)
      try FileManager.default.copyItem(atPath: source, toPath: copy)
    }
  }

  deinit {
    for path in Set([folder, inboxFolder]) where mounts.isEmpty {
      do {
        try FileManager.default.removeItem(atPath: path)
      } catch {
        print("left behind: \(path): \(error)")
      }
    }
  }

  /// The flags that every start of the daemon has.
  ///
  /// Tests that do not wait for a file to settle on purpose should not wait for it by accident, so it is short; and
  /// some have a small disk, or a full one, on purpose.
  func flags(settle: String = "50ms") -> [String] {
    [
      "--inbox", inbox, "--outbox", outbox, "--state", state, "--http", "off", "--settle", settle,
      "--min-free", "0",
    ]
  }

  /// Starts the daemon and awaits that the inbox is watched.
  func daemon(
    _ flags: [String] = [], settle: String = "50ms", environment: [String: String] = [:],
    openFiles: Int? = nil
  ) async throws -> RunningDaemon {
    let daemon = try RunningDaemon(
      self.flags(settle: settle) + flags, environment: environment, openFiles: openFiles)
    try await daemon.awaitReady()
    return daemon
  }

  /// Runs `watchd --once` to its end.
  func once(
    _ flags: [String] = [], environment: [String: String] = [:],
    within limit: Duration = .seconds(300)
  ) async throws -> Outcome {
    try await run(
      Programs.watchd, self.flags() + ["--once", "--log-format", "json"] + flags,
      environment: environment, within: limit)
  }

  func watchctl(_ arguments: [String]) async throws -> Outcome {
    try await run(Programs.watchctl, ["--state", state] + arguments)
  }

  // MARK: Dropping

  /// Writes a file under a hidden name and renames it in: it is taken at once.
  func drop(_ name: String, _ contents: String) throws {
    try drop(name, Data(contents.utf8))
  }

  func drop(_ name: String, _ contents: Data) throws {
    let prepared = desk + "/prepared-\(UUID().uuidString)"
    try contents.write(to: URL(fileURLWithPath: prepared))
    try FileManager.default.moveItem(atPath: prepared, toPath: inbox + "/" + name)
  }

  /// A tidy file of one row.
  static func plays(_ count: Int, song: String = "Hey Jude", date: String = "2024-01-01") -> String
  {
    "Song,Date,Number of Plays\n\(song),\(date),\(count)\n"
  }

  /// The result of such a file.
  static func total(_ count: Int, song: String = "Hey Jude", date: String = "2024-01-01") -> String
  {
    "Song,Date,Total Number of Plays for Date\n\(song),\(date),\(count)\n"
  }

  // MARK: Collecting

  /// What has that name in the outbox, or nil.
  func result(_ name: String) throws -> String? {
    let path = outbox + "/" + name
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  /// Awaits the receipt of the result `name`, and that its task is over.
  ///
  /// The receipt is the last file in the outbox; the commit after which the rows count follows it.
  func receipt(_ name: String, within limit: Duration = .seconds(60)) async throws -> Receipt {
    let receipt = try await eventually(within: limit, "the receipt of \(name)") {
      try receiptNow(name)
    }
    try await eventually(within: limit, "the end of the task of \(name)") {
      try await value("SELECT status FROM manifest WHERE task_id = '\(receipt.taskID)'")
        == receipt.status
    }
    return receipt
  }

  func receiptNow(_ name: String) throws -> Receipt? {
    let path = outbox + "/" + name + ".receipt.json"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try JSONDecoder().decode(
      Receipt.self, from: try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// The visible names in a folder, sorted.
  func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
      .sorted()
  }

  /// The differences between the outbox and what the oracle makes of the files in `inputs`.
  func differences(from inputs: String, _ options: [String] = []) async throws -> [String] {
    try await compare(["check"] + options + [inputs, outbox])
  }

  /// The same for the rows in the database: `plays` and `rejects`.
  func databaseDifferences(from inputs: String, _ options: [String] = []) async throws -> [String] {
    try await compare(["check-database"] + options + [inputs, state + "/watchd.db"])
  }

  private func compare(_ arguments: [String]) async throws -> [String] {
    let outcome = try await Programs.python("oracle.py", arguments)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    switch outcome.end {
    case .exit(0) where lines.isEmpty: return []
    case .exit(1) where !lines.isEmpty: return lines
    default: throw NeverHappened("no comparison: \(outcome.output)\(outcome.errorText)")
    }
  }
}

/// The receipt's public keys, decoded on their own so that a renamed key breaks a test.
struct Receipt: Decodable, Sendable {
  let taskID: String
  let name: String
  let status: String
  let bytes: Int
  let rowsRead: Int
  let rowsAccepted: Int
  let rowsRejected: Int
  let resultName: String?
  let rejectsName: String?
  let duplicateOf: String?
  let errorCode: String?
  let error: String?
  let columns: String?

  /// Read, accepted and rejected.
  var rows: [Int] { [rowsRead, rowsAccepted, rowsRejected] }

  private enum CodingKeys: String, CodingKey {
    case taskID = "task_id"
    case name
    case status
    case bytes
    case rowsRead = "rows_read"
    case rowsAccepted = "rows_accepted"
    case rowsRejected = "rows_rejected"
    case resultName = "result_name"
    case rejectsName = "rejects_name"
    case duplicateOf = "duplicate_of"
    case errorCode = "error_code"
    case error
    case columns
  }
}
