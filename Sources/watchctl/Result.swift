import ArgumentParser
import Crypto
import Files
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

  /// The file is read twice: nothing is printed before its hash says that it is the task's.
  func run() throws {
    let place = try state.withOperations { operations in try operations.result(of: task) }
    let outbox = try Directory.open(place.directory, create: false)
    guard let file = try outbox.openFile(place.name) else {
      throw OperationError.resultTaken(place)
    }
    var hasher = SHA256()
    try forEachChunk(of: file) { hasher.update(data: $0) }
    let digits = hasher.finalize().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    guard digits.joined() == place.sha256 else { throw OperationError.resultReplaced(place) }
    try file.rewind()
    let target = try openTarget()
    try forEachChunk(of: file) { try target.write(contentsOf: $0) }
    try target.close()
  }

  private func forEachChunk(
    of file: borrowing OpenFile, _ body: (ArraySlice<UInt8>) throws -> Void
  ) throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try file.fill(&buffer)
      try body(buffer[..<count])
      if count < buffer.count { return }
    }
  }

  private func openTarget() throws -> FileHandle {
    guard let output else { return .standardOutput }
    guard FileManager.default.createFile(atPath: output, contents: nil),
      let target = FileHandle(forWritingAtPath: output)
    else { throw ValidationError("cannot write \(output); name a file that can be written") }
    return target
  }
}
