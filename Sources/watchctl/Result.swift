import ArgumentParser
import Crypto
import Files
import Operations

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
    var hasher = SHA256()
    try forEachChunk(of: file) { buffer, count in
      hasher.update(data: buffer[..<count])
      return true
    }
    let digits = hasher.finalize().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    guard digits.joined() == place.sha256 else { throw OperationError.resultReplaced(place) }
    try file.rewind()
    var target = try output.map(OutputFile.init) ?? OutputFile.standardOutputOfCSV()
    var hasReader = true
    try forEachChunk(of: file) { buffer, count in
      hasReader = try target.write(buffer, count: count)
      return hasReader
    }
    if hasReader { try target.finish() }
  }

  /// Calls the body with each piece of the file, until it returns false.
  private func forEachChunk(
    of file: borrowing OpenFile, _ body: ([UInt8], Int) throws -> Bool
  ) throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try file.fill(&buffer)
      guard try body(buffer, count), count == buffer.count else { return }
    }
  }
}
