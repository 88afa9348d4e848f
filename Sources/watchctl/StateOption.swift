import ArgumentParser
import Files
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
    let reader = try openReader()
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

  /// What has the database's name, or nothing, may not be what a running daemon has, and then that one knows why.
  private func openReader() throws -> TaskReader {
    do throws(StoreError) {
      return try TaskReader.open(directory: directory)
    } catch {
      guard FileManager.default.fileExists(atPath: directory),
        let sentence = try hindrance()?.ofDatabase
      else { throw error }
      throw Hindered(description: sentence)
    }
  }

  /// What keeps the daemon of this state from working, as it says; nil where nothing does, or none listens.
  func hindrance() throws -> DaemonConnection.Response? {
    let state = try Directory.open(directory, create: false)
    guard let daemon = try DaemonConnection(of: state) else { return nil }
    let response = try daemon.get("/readyz")
    return response.status == 503 ? response : nil
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

/// Why the daemon cannot work, where that is the answer.
private struct Hindered: Error, CustomStringConvertible {
  let description: String
}
