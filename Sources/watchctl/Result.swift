import ArgumentParser
import Foundation
import Operations

/// `watchctl result`: the result CSV.
struct Result: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Prints the result of a task.")

  @Argument(
    help: ArgumentHelp("A task id, a unique prefix of one, or a file name.", valueName: "TASK"))
  var task: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write it, instead of standard output.", valueName: "FILE"))
  var output: String?

  @OptionGroup var state: StateOption

  func run() throws {
    let place = try state.withOperations { operations in try operations.result(of: task) }
    let path = place.directory + "/" + place.name
    guard let source = FileHandle(forReadingAtPath: path) else {
      throw OperationError.resultTaken(place)
    }
    let target = try openTarget()
    while let chunk = try source.read(upToCount: 1 << 20), !chunk.isEmpty {
      try target.write(contentsOf: chunk)
    }
    try target.close()
  }

  private func openTarget() throws -> FileHandle {
    guard let output else { return .standardOutput }
    guard FileManager.default.createFile(atPath: output, contents: nil),
      let target = FileHandle(forWritingAtPath: output)
    else { throw ValidationError("cannot write \(output); name a file that can be written") }
    return target
  }
}
