import Files
import Foundation
import TaskModel
import TaskStore

/// A check of the set-up of one state directory: what is as it should be, and what is not, with its remedy.
///
/// It looks and changes nothing, with the daemon up or down. What it cannot know is what another user than the
/// caller may do; of a daemon that runs, it takes for granted what that has checked when it started.
package struct Doctor {
  /// One thing that was looked at.
  package struct Finding: Sendable, Encodable {
    package let check: String
    package let isFine: Bool
    package let sentence: String
    /// What to do; nil where there is nothing to do.
    package let remedy: String?

    private enum CodingKeys: String, CodingKey {
      case check
      case isFine = "ok"
      case sentence
      case remedy
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(check, forKey: .check)
      try container.encode(isFine, forKey: .isFine)
      try container.encode(sentence, forKey: .sentence)
      try container.encode(remedy, forKey: .remedy)
    }
  }

  let path: String
  private(set) var findings: [Finding] = []

  /// - Parameter stateDirectory: Which may be missing.
  package init(stateDirectory: String) {
    path = stateDirectory
  }

  /// Looks at everything, once.
  package mutating func examine() -> [Finding] {
    findings = []
    let path = path
    let state = attempt("state", "make it, or name another one with --state") {
      try Directory.open(path, create: false)
    }
    guard let state else { return findings }
    let daemon = checkDaemon(state)
    let users = FolderUsers(daemon: daemon)
    checkFileSystem(state)
    checkSystem()
    let reader = attempt("database") { try TaskReader.open(directory: path) }
    let settings = reader.flatMap { reader in
      attempt("settings") { try Operations(reader).settings() }
    }
    check("state", state, users, minimumFree: settings?.minFree ?? 0)
    guard let reader, let settings else { return findings }
    checkDatabase(reader)
    checkPlaces(reader, settings, daemon: daemon, users)
    checkTasks(Operations(reader), daemonRuns: daemon != nil)
    attempt("database") { try reader.close() }
    return findings
  }

  mutating func fine(_ check: String, _ sentence: String) {
    findings.append(Finding(check: check, isFine: true, sentence: sentence, remedy: nil))
  }

  mutating func wrong(_ check: String, _ sentence: String, remedy: String) {
    findings.append(Finding(check: check, isFine: false, sentence: sentence, remedy: remedy))
  }

  /// Runs a part of the examination; what it throws is a finding too.
  @discardableResult
  mutating func attempt<Result>(
    _ check: String, _ remedy: String? = nil, _ body: () throws -> Result
  ) -> Result? {
    do {
      return try body()
    } catch {
      // The sentence of an error has its own remedy, where we know of none that fits better.
      wrong(check, "\(error)", remedy: remedy ?? "put that right, then ask again")
      return nil
    }
  }

  private mutating func checkDaemon(_ state: Directory) -> Int32? {
    do {
      if let daemon = try state.lockHolder() {
        fine("daemon", "it runs as process \(daemon)")
        return daemon
      }
      wrong(
        "daemon", "no process has the lock of \(path): the daemon does not run",
        remedy: "start watchd with this state directory")
    } catch {
      wrong("daemon", "\(error)", remedy: "mount /proc")
    }
    return nil
  }
}

/// Whose rights to a folder matter.
struct FolderUsers {
  /// The daemon runs as somebody else than the caller, whose rights say nothing then.
  let isOthers: Bool

  init(daemon: Int32?) {
    guard let daemon else {
      isOthers = false
      return
    }
    do {
      let owner = try FileManager.default.attributesOfItem(atPath: "/proc/\(daemon)")
      isOthers = owner[.ownerAccountID] as? UInt32 != geteuid()
    } catch {
      // It has ended by now.
      isOthers = false
    }
  }
}
