import ArgumentParser
import Files
import Foundation
import Pipeline
import TaskModel

/// `watchctl process`: one file, no daemon, no state kept.
struct ProcessFile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "process",
    abstract: "Writes the totals of one file, without a daemon and without keeping anything.",
    discussion: """
      The same reader, rules and bytes as the daemon's. Exit code 0: done; 2: done, but records were \
      rejected; 3: the file failed and nothing is left of a result in FILE. What is wrong is said on standard error.
      """)

  @Argument(
    help: ArgumentHelp("A CSV, or a .csv.gz; - for standard input.", valueName: "FILE"),
    completion: .file())
  var file: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where to write the result, instead of standard output. A file of that name is replaced once "
        + "the new one is whole.", valueName: "OUT"), completion: .file())
  var output: String?

  @OptionGroup var reading: ReadingFlags

  @Option(help: ArgumentHelp("For the sums; what does not fit lies in $TMPDIR.", valueName: "SIZE"))
  var memory: String?

  @Option(help: ArgumentHelp("lf or crlf, for the result.", valueName: "lf|crlf"))
  var lineEnding: String?

  @Option(
    help: ArgumentHelp("Puts ' before what a spreadsheet would run.", valueName: "true|false"))
  var escapeFormulas: String?

  /// How many rejected records are shown.
  private static let mostShown = 10

  func run() throws {
    ProcessMemory.prepareProcess()
    var single = try SingleFile(
      try InputPath(file).open(), isPacked: InputPath(file).isPacked,
      settings: try reading.settings([
        .memory: memory, .lineEnding: lineEnding, .escapeFormulas: escapeFormulas,
      ]), scratchIn: try InputPath.scratch())
    var target = try output.map(OutputFile.init) ?? OutputFile.standardOutputOfCSV()
    var hasReader = true
    let outcome = try single.run { bytes in
      hasReader = try target.write(bytes, count: bytes.count)
      return hasReader
    }
    show(outcome.rejects)
    if let failure = outcome.failure {
      say("\(failure.code.rawValue): \(failure.sentence)")
      throw ExitCode(3)
    }
    if hasReader { try target.finish() }
    if outcome.rowsRejected > 0 {
      say("\(outcome.rowsRejected) of \(outcome.rowsRead) records were rejected and do not count")
      throw ExitCode(2)
    }
  }

  private func show(_ rejects: [RejectedRecord]) {
    for reject in rejects.prefix(Self.mostShown) {
      say("line \(reject.line), column \(reject.column), byte \(reject.byte): \(reject.reason)")
    }
    if rejects.count > Self.mostShown { say("... and more") }
  }

  private func say(_ sentence: String) {
    StandardError.write("watchctl: \(sentence)\n")
  }
}
