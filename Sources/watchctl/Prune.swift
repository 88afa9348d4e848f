import ArgumentParser
import Files
import Foundation
import TaskModel

/// `watchctl prune`.
struct Prune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Removes what belongs to tasks that ended long ago, as the daemon does by itself.",
    discussion: """
      Of each go its original in the archive, its result with receipt and rejects where they still lie in the \
      outbox unchanged, and its rows, rejects and events in the database: totals are those of \
      what remains. Its row in the manifest stays, and its fingerprint, so the same bytes are not \
      loaded again. Exit code 0: all of it is removed; 1: something could not be.
      """)

  @Option(
    help: ArgumentHelp(
      "What ended longer ago: a time such as 12h or 30d. Default: the daemon's setting retention.",
      valueName: "TIME"))
  var olderThan: String?

  @Flag(help: "Shows what would go, and removes nothing.")
  var dryRun = false

  @Flag(
    help: "JSON: before, dry_run, tasks, rows, files, file_bytes, database_bytes, left, trouble.")
  var json = false

  @OptionGroup var state: StateOption

  func validate() throws {
    if let olderThan, Duration(setting: olderThan) == nil {
      throw ValidationError("--older-than takes a time such as 12h or 30d")
    }
  }

  func run() throws {
    switch try Command.prune(olderThan: olderThan, isDryRun: dryRun).run(in: state) {
    case .refused(let sentence):
      StandardError.write("watchctl: \(sentence)\n")
      throw ExitCode(1)
    case .done(let bytes):
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let answer = try decoder.decode(Answer.self, from: bytes)
      try StandardOutput.show(json ? String(decoding: bytes, as: UTF8.self) : answer.text)
      if let trouble = answer.trouble {
        StandardError.write(
          "watchctl: nothing was removed of \(answer.left) tasks: \(trouble.escapedForTerminal)\n")
        throw ExitCode(1)
      }
    }
  }

  /// Decoded on its own: it may come from a daemon.
  private struct Answer: Decodable {
    let before: String
    let dryRun: Bool
    let tasks: Int
    let rows: Int64
    let files: Int
    let fileBytes: Int64
    let databaseBytes: Int64
    let left: Int
    let trouble: String?

    var text: String {
      if tasks == 0 && databaseBytes == 0 { return "Nothing ended before \(before).\n" }
      let what =
        "\(tasks) \(tasks == 1 ? "task" : "tasks") that ended before \(before): \(rows) rows,"
        + " \(files) files of \(ByteSize.shown(fileBytes))"
      return dryRun
        ? "Would remove, of \(what)\n"
        : "Removed, of \(what); the database is \(ByteSize.shown(databaseBytes)) shorter\n"
    }
  }
}
