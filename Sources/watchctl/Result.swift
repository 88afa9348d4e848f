import ArgumentParser
import Files
import Operations
import Pipeline

/// `watchctl result`: the result CSV.
struct Result: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Prints the result of a task.")

  @Argument(
    help: ArgumentHelp("A task id, a unique prefix of one, or a file name.", valueName: "TASK"),
    completion: .task)
  var task: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write it, instead of standard output.", valueName: "FILE"),
    completion: .file())
  var output: String?

  @OptionGroup var state: StateOption

  /// The file is read twice: nothing is printed before its hash says that it is the task's.
  func run() throws {
    let place = try state.withOperations { operations in try operations.result(of: task) }
    let outbox = try Directory.open(place.directory, create: false)
    guard let file = try outbox.openFile(place.name) else {
      throw OperationError.resultTaken(place)
    }
    guard try file.sha256() == place.sha256 else { throw OperationError.resultReplaced(place) }
    try file.rewind()
    var target = try output.map(OutputFile.init) ?? OutputFile.standardOutputOfCSV()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try file.fill(&buffer)
      guard try target.write(buffer, count: count) else { return }
      if count < buffer.count { return try target.finish() }
    }
  }
}
