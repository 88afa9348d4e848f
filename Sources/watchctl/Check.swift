import ArgumentParser
import Files
import Operations
import Pipeline
import TaskModel

/// `watchctl check`: a dry run.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads files as the daemon would, and shows every problem; nothing is kept.",
    discussion: """
      The same reader, limits and sums as the daemon's. Up to 10,000 rejected records of a file are listed, each \
      as FILE:LINE:COLUMN with its byte and reason. Exit code 0: nothing to find; 2: a record would be rejected, or \
      a file would fail; 1: a file cannot be read at all.
      """)

  @Argument(
    help: ArgumentHelp("CSVs, or .csv.gz; - for standard input.", valueName: "FILE"),
    completion: .file())
  var files: [String]

  @OptionGroup var reading: ReadingFlags

  @Flag(help: "JSON: a list of files, each with its problems.")
  var json = false

  func run() throws {
    ProcessMemory.prepareProcess()
    let settings = try reading.settings()
    var findings: [FileFindings] = []
    var isUnreadable = false
    var hasProblems = false
    for file in files {
      do {
        let found = FileFindings(file: file, outcome: try outcome(of: file, settings))
        hasProblems = hasProblems || !found.isFine
        if json { findings.append(found) } else { try StandardOutput.show(found.text) }
      } catch let error as FileError {
        isUnreadable = true
        StandardError.write("watchctl: \(error)\n")
      }
    }
    if json { try StandardOutput.show(try AnswerJSON.text(of: findings)) }
    if isUnreadable { throw ExitCode(1) }
    if hasProblems { throw ExitCode(2) }
  }

  private func outcome(of file: String, _ settings: Settings) throws -> SingleFile.Outcome {
    let input = InputPath(file)
    var single = try SingleFile(
      try input.open(), isPacked: input.isPacked, settings: settings,
      scratchIn: try InputPath.scratch())
    // The totals are worked out, for a sum may not fit, and go nowhere.
    return try single.run { _ in true }
  }
}

/// What a dry run of one file found.
struct FileFindings: Encodable {
  private struct Problem: Encodable {
    let line: Int
    let column: Int
    let byte: Int
    let reason: String
  }

  private let file: String
  /// Neither failed nor rejected anything.
  let isFine: Bool
  private let rowsRead: Int64
  private let rowsRejected: Int64
  private let errorCode: FailureCode?
  private let error: String?
  private let problems: [Problem]

  private enum CodingKeys: String, CodingKey {
    case file
    case isFine = "ok"
    case rowsRead = "rows_read"
    case rowsRejected = "rows_rejected"
    case errorCode = "error_code"
    case error
    case problems
  }

  init(file: String, outcome: SingleFile.Outcome) {
    self.file = file
    isFine = outcome.failure == nil && outcome.rowsRejected == 0
    rowsRead = outcome.rowsRead
    rowsRejected = outcome.rowsRejected
    errorCode = outcome.failure?.code
    error = outcome.failure?.sentence
    problems = outcome.rejects.map {
      Problem(line: $0.line, column: $0.column, byte: $0.byte, reason: $0.reason)
    }
  }

  /// Every key always, so that a reader finds them.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(isFine, forKey: .isFine)
    try container.encode(rowsRead, forKey: .rowsRead)
    try container.encode(rowsRejected, forKey: .rowsRejected)
    try container.encode(errorCode, forKey: .errorCode)
    try container.encode(error, forKey: .error)
    try container.encode(problems, forKey: .problems)
  }

  /// A line a problem, in the form that editors jump to, and one for the whole.
  var text: String {
    let name = file.escapedForTerminal
    var text = ""
    for problem in problems {
      text +=
        "\(name):\(problem.line):\(problem.column): \(problem.reason) (byte \(problem.byte))\n"
    }
    if rowsRejected > problems.count {
      text += "\(name): and \(rowsRejected - Int64(problems.count)) more\n"
    }
    let rows = "\(rowsRead) \(rowsRead == 1 ? "row" : "rows") read, \(rowsRejected) rejected"
    if let error, let errorCode {
      return text + "\(name): it would fail (\(errorCode.rawValue)): \(error.escapedForTerminal)\n"
    }
    return text + "\(name): it would be loaded: \(rows)\n"
  }
}
