import ArgumentParser
import Files
import Foundation
import TaskModel

/// How a file is read that is no task: the daemon's settings of reading, as flags.
struct ReadingFlags: ParsableArguments {
  @Option(help: ArgumentHelp("How many rejected records to let pass, or all.", valueName: "N|all"))
  var maxRejects: String?

  @Option(help: ArgumentHelp("The longest record.", valueName: "SIZE"))
  var maxRecord: String?

  @Option(help: ArgumentHelp("any, or calendar: only real days.", valueName: "any|calendar"))
  var dates: String?

  /// Everything else has the default of the daemon; one file has all of the memory.
  func settings(_ others: [Setting: String?] = [:]) throws -> Settings {
    let given = others.merging(
      [.maxRejects: maxRejects, .maxRecord: maxRecord, .dates: dates, .workers: "1"]
    ) { $1 }
    do {
      return try Settings { setting in (given[setting] ?? nil) ?? setting.defaultValue }
    } catch {
      throw ValidationError(error.description)
    }
  }
}

/// A file that a person named, or - for standard input.
struct InputPath {
  let text: String

  init(_ text: String) { self.text = text }

  var isPacked: Bool { text.lowercased().hasSuffix(".gz") }

  func open() throws(FileError) -> OpenFile {
    if text == "-" { return OpenFile.standardInput() }
    return try OpenFile.open(path: Arguments.bytes(of: text), isPatient: true)
  }

  /// Where sums lie that do not fit in memory, in a file without a name.
  static func scratch() throws(FileError) -> Directory {
    try Directory.open(FileManager.default.temporaryDirectory.path, create: false)
  }
}
