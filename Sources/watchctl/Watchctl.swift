import ArgumentParser
import Files
import Foundation
import TaskModel

// The person's door: one file a subcommand, each of which parses, asks `Operations`, and shows.
//
// Promises: it looks and never writes, but where a person names a file, into the inbox for `submit`, and where a person
// commands a change, which the daemon does where one runs; it works with the daemon up or down; nothing in a file
// name or a field reaches the terminal unescaped; with --json the field names are the manifest's. Exit code 0, 1
// where the question has no answer, 2 where it was not understood, with one sentence on standard error; `wait`,
// `process` and `check` have codes of their own. A reader that goes away is no error.
//
// It reads the database through a read-only connection of its own, never by any other means, for a second
// writer could lose commits and another descriptor would drop SQLite's locks. It writes only under the state's lock, by
// the daemon's own code (`Command`).
//
// The cost: whoever runs it needs read access to the state directory. And what it shows was true at one
// moment; the daemon goes on meanwhile.

/// Asks the daemon's state; every subcommand is a file of its own.
@main
struct Watchctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watchctl",
    abstract: "Says of every file that was dropped where it is and why.",
    discussion: """
      It reads the database of a state directory, with the daemon up or down. TASK is a task id, \
      a unique prefix of one, or a file name (its latest task). What --json prints is described by the schemas of \
      watchd.schema.json, in share/watchd where it is installed.
      """, version: "watchctl \(ProductVersion.text)",
    subcommands: [
      Status.self, Why.self, Wait.self, Submit.self, Totals.self, Query.self, Result.self,
      Retry.self, Cancel.self, Forget.self, Prune.self, Check.self, ProcessFile.self, Generate.self,
      Backup.self, DoctorCommand.self,
    ])

  /// `watchctl --state DIR status` means `watchctl status --state DIR`: the option belongs to every
  /// subcommand, and the parser knows it only behind one.
  private static func stateBehindSubcommand(_ arguments: some Collection<String>) -> [String] {
    let arguments = Array(arguments)
    let count: Int
    if arguments.first == "--state" {
      count = 2
    } else if arguments.first?.hasPrefix("--state=") == true {
      count = 1
    } else {
      return arguments
    }
    let rest = arguments.dropFirst(count)
    // Nothing was asked: as with no argument at all.
    if rest.isEmpty, arguments.count >= count { return [] }
    return Array(rest.prefix(1) + arguments.prefix(count) + rest.dropFirst())
  }

  /// Exit codes: 0, 1 where the question has no answer, 2 where it was not understood.
  static func main() {
    // So that a pipe without a reader is an answer of write(2), see `NobodyReads`, and no signal.
    _ = signal(SIGPIPE, SIG_IGN)
    let arguments = stateBehindSubcommand(Arguments.texts.dropFirst())
    var isUnderstood = false
    do {
      try TypedCommand(arguments).check(
        commands: configuration.subcommands.map { $0._commandName })
      var command = try parseAsRoot(arguments)
      isUnderstood = true
      try command.run()
    } catch {
      if exitCode(for: error) == .success { exit(withError: error) }
      if error is NobodyReads { Foundation.exit(0) }
      // A command that has said everything already.
      if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
      var sentence = message(for: error)
      if !isUnderstood, !(error is TypedCommand.Mistake) {
        sentence = TypedCommand(arguments).remark(on: sentence)
      }
      // It may hold a person's own words, which may be the names of files.
      StandardError.write("watchctl: \(sentence.escapedForTerminal)\n")
      Foundation.exit(!isUnderstood || exitCode(for: error) == .validationFailure ? 2 : 1)
    }
  }
}
