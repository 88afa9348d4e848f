import ArgumentParser
import Foundation
import Operations
import TaskStore

/// `--state`, which every subcommand takes, and what hangs on it.
struct StateOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The state directory. Default: $WATCHD_STATE, else ./state, else /var/lib/watchd/state.",
      valueName: "DIR"), completion: .directory)
  var state: String?

  /// Opens the database for reading, asks, and closes it.
  func withOperations<Answer>(_ body: (Operations) throws -> Answer) throws -> Answer {
    try withReader { reader in try body(Operations(reader)) }
  }

  /// The same for what must know when the database changes.
  func withReader<Answer>(_ body: (TaskReader) throws -> Answer) throws -> Answer {
    let reader = try TaskReader.open(directory: directory)
    let answer: Answer
    do {
      answer = try body(reader)
    } catch {
      try reader.close()
      throw error
    }
    try reader.close()
    return answer
  }

  var directory: String {
    if let state { return state }
    if let state = ProcessInfo.processInfo.environment["WATCHD_STATE"], !state.isEmpty {
      return state
    }
    let local = "./state"
    return FileManager.default.fileExists(atPath: local) ? local : "/var/lib/watchd/state"
  }
}
