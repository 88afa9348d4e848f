import ArgumentParser
import Foundation

/// Asks the daemon's state; every subcommand is a file of its own.
@main
struct Watchctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watchctl",
    abstract: "Says of every file that was dropped where it is and why.",
    discussion: """
      It reads the database of a state directory, with the daemon up or down. TASK is a task id, \
      a unique prefix of one, or a file name (its latest task).
      """,
    subcommands: [Status.self, Result.self])

  /// Exit codes: 0, 1 where the question has no answer, 2 where it was not understood.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      if exitCode(for: error) == .success { exit(withError: error) }
      FileHandle.standardError.write(Data("watchctl: \(message(for: error))\n".utf8))
      Foundation.exit(exitCode(for: error) == .validationFailure ? 2 : 1)
    }
  }
}
