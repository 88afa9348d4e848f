import ArgumentParser
import Files
import Foundation
import Glibc
import Operations
import TaskModel
import TaskStore

/// `watchctl backup`: a consistent copy of the database.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a consistent copy of the database, while the daemon runs.",
    discussion: """
      The copy is checked, synced, and has its name only then. To restore it, stop watchd, put it in the \
      place of watchd.db in the state directory, remove watchd.db-wal and watchd.db-shm there, and start \
      watchd.
      """)

  @Argument(help: ArgumentHelp("Where to write it.", valueName: "FILE"), completion: .file())
  var file: String

  @Flag(help: "Replaces a file of that name, once the copy is whole.")
  var force = false

  @Flag(help: "JSON: file and bytes.")
  var json = false

  @OptionGroup var state: StateOption

  func run() throws {
    let slash = file.lastIndex(of: "/")
    let folderPath = slash.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
    let lastComponent = slash.map { String(file[file.index(after: $0)...]) } ?? file
    guard let name = FileName(lastComponent) else {
      throw ValidationError("\"\(file.escapedForTerminal)\" names no file; name one to be made")
    }
    let folder = try Directory.open(folderPath, create: false)
    try refuse(name, in: folder)
    let bytes = try state.withReader { reader in try copy(reader, to: name, in: folder) }
    try say(bytes)
  }

  /// What is wrong with the place is said before anything is copied.
  private func refuse(_ name: FileName, in folder: Directory) throws {
    let status = try folder.status()
    let own = try Directory.open(state.directory, create: false).status()
    if status.device == own.device, status.inode == own.inode {
      throw BackupError.inState(state.directory)
    }
    guard let taken = try folder.status(of: name) else { return }
    guard taken.kind == .regular else { throw BackupError.notRegular(file, taken.kind) }
    if !force { throw BackupError.exists(file) }
  }

  private func copy(
    _ reader: TaskReader, to name: FileName, in folder: Directory
  ) throws -> Int64 {
    let stem = ".watchctl-backup-\(getpid())"
    let endings = [".part", ".part-journal", ".part-wal", ".part-shm"]
    let hidden = try endings.map { try Self.fileName(stem + $0) }
    Endings.holdBack()
    do {
      // A killed process of this number may have left some.
      for name in hidden { try folder.remove(name) }
      try reader.backup(to: folder.path + "/" + stem + endings[0]) { _, _ in
        if Endings.areAsked() { throw BackupError.interrupted(file) }
      }
      return try publish(hidden[0], as: name, in: folder)
    } catch {
      for name in hidden { try folder.remove(name) }
      throw error
    }
  }

  private static func fileName(_ text: String) throws -> FileName {
    guard let name = FileName(text) else {
      throw ValidationError("\(text.escapedForTerminal) is no name of a file")
    }
    return name
  }

  private func publish(
    _ hidden: FileName, as name: FileName, in folder: Directory
  ) throws -> Int64 {
    let size = try sync(hidden, in: folder)
    if force {
      // The one place that replaces a file in a folder of the person's own, for that was asked for.
      let path = folder.path + "/"
      guard unsafe rename(path + hidden.text, path + name.text) == 0 else {
        throw FileError("replace", file, errno)
      }
    } else {
      do throws(FileError) {
        try folder.rename(hidden, to: folder, as: name)
      } catch  where error.isTaken {
        throw BackupError.exists(file)
      }
    }
    try folder.sync()
    return size
  }

  /// - Returns: The size of the copy.
  private func sync(_ hidden: FileName, in folder: Directory) throws -> Int64 {
    guard let copy = try folder.openFile(hidden) else {
      throw FileError("open", folder.path + "/" + hidden.text, ENOENT)
    }
    try copy.sync()
    return try copy.status().size
  }

  private struct Answer: Encodable {
    let file: String
    let bytes: Int64
  }

  private func say(_ bytes: Int64) throws {
    try StandardOutput.show(
      json
        ? try AnswerJSON.text(of: Answer(file: file, bytes: bytes))
        : "\(file.escapedForTerminal): \(ByteSize.shown(bytes)), checked\n")
  }
}

/// Why no copy was made.
enum BackupError: Error, CustomStringConvertible {
  case exists(String)
  case notRegular(String, FileStatus.Kind)
  case inState(String)
  case interrupted(String)

  var description: String {
    switch self {
    case .exists(let file):
      "\(file.escapedForTerminal) exists and was left as it is; name another file, or give --force"
    case .notRegular(let file, let kind):
      "\(file.escapedForTerminal) is a \(kind.rawValue); name a file"
    case .inState(let directory):
      "\(directory.escapedForTerminal) is the daemon's own folder; write the copy to another one"
    case .interrupted(let file):
      "interrupted; nothing of the copy is left, and \(file.escapedForTerminal) is as it was"
    }
  }
}
