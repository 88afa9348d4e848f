import ArgumentParser
import Files
import Foundation
import Glibc
import TaskModel

// The daemon's door: reads what was typed, checks it, and runs the daemon or says in one sentence why not.
//
// Promises: exit code 0 where it ran to its end (with --once: all files done), 1 where --once met a file
// that failed or had to be left, 2 where it could not run, with one sentence on standard error that names the setting, the
// directory or the process that is in the way. Nothing is opened before all settings are right.
//
// It stays in the foreground and writes no pid file: a service manager owns it, and the lock of the state
// directory ends with the process. Each setting is checked in one place, `Settings`, whatever source it
// comes from; the cost is that every flag is text to the argument parser, whose own messages say less
// of what a value may be than ours.

/// The daemon; runs in the foreground, for a service manager owns it.
@main
struct Watchd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watchd",
    abstract: "Loads CSV files of plays that are dropped into a folder, and writes their totals.",
    discussion: """
      Every setting is a flag, a variable (--max-rejects is WATCHD_MAX_REJECTS) and a key of the \
      YAML file (max-rejects); a flag beats a variable, a variable the file, the file the default.
      """, version: "watchd \(ProductVersion.text)")

  @Option(name: .long, help: ArgumentHelp("A YAML file of settings.", valueName: "FILE"))
  var config: String?

  @Flag(
    name: .long,
    help: "Processes what lies in the inbox, then exits: 0 all done, 1 some file failed.")
  var once = false

  @Flag(name: .long, help: "Shows each setting, its value and where that came from, and exits.")
  var printConfig = false

  @OptionGroup(title: "Settings") var flags: SettingFlags

  mutating func run() async throws {
    let (given, config) = (flags.values, config)
    let sources = try await SettingSources(flags: given, config: config)
    let settings = try sources.settings()
    if printConfig { return print(sources.table, terminator: "") }
    ProcessMemory.prepareProcess()
    // A reader that goes away is an error of one write, and not the daemon's end.
    _ = signal(SIGPIPE, SIG_IGN)
    // Until somebody reads the file anew on it, a reload must not end the start.
    if sources.path != nil { _ = signal(SIGHUP, SIG_IGN) }
    let daemon = try await Daemon(settings: settings, mode: once ? .once : .service)
    try await daemon.run(
      ReloadableSources(started: sources) {
        try await SettingSources(flags: given, config: config)
      })
  }

  /// Exit codes: 0, 1 where a file failed (`--once`), 2 where the daemon could not run.
  static func main() async {
    // Help is a command too, which needs no waiting for.
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      if exitCode(for: error) == .success { exit(withError: error) }
      let sentence = ParserRemark.sentence(message(for: error), of: "watchd")
      StandardError.write("watchd: \(sentence.escapedForTerminal)\n")
      Foundation.exit(2)
    }
    do {
      if var watchd = command as? Watchd { try await watchd.run() } else { try command.run() }
    } catch let code as ExitCode {
      exit(withError: code)
    } catch {
      if exitCode(for: error) == .success { exit(withError: error) }
      StandardError.write("watchd: \(message(for: error))\n")
      Foundation.exit((error as? DaemonError)?.didRun == true ? 1 : 2)
    }
  }
}
