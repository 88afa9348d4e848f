import Files
import Inbox
import TaskModel

extension Folders {
  private static func hidden(_ text: String) -> FileName {
    guard let name = FileName(text) else { preconditionFailure("\(text) names an entry") }
    return name
  }
  private static let incoming = hidden(".replacement")
  private static let outgoing = hidden(".replaced")

  /// Puts the file of a task that has ended back into `work`, or another in its place; durable when it returns.
  ///
  /// Killed before the manifest speaks of it again, the folder goes to the archive at the next start. A replacement is
  /// copied and synced beside the original before that is moved away: what is there is one or the other, whole.
  ///
  /// - Returns: The size of the file, in bytes.
  /// - Throws: `CommandError.fileGone`, or what the file system says.
  func restore(_ task: TaskRecord, replacement: [UInt8]?) throws -> Int64 {
    let name = Self.name(of: task.taskID)
    // Before anything is moved: what cannot be read is no replacement.
    let source = try replacement.map { path throws(FileError) in
      try OpenFile.open(path: path, onlyRegular: true)
    }
    let isArchived = try work.status(of: name) == nil && archive.status(of: name) != nil
    if isArchived { try archive.rename(name, to: work, as: name) }
    guard try work.status(of: name) != nil || source != nil else {
      throw CommandError.fileGone(task)
    }
    let folder = try work.directory(name)
    // An earlier call was killed, or the power took an upload's name from it: the original has its name again.
    for other in [Self.outgoing, IncomingFile.unnamed] {
      if try folder.status(of: task.rawName) == nil, try folder.status(of: other) != nil {
        try folder.rename(other, to: folder, as: task.rawName)
      }
    }
    if let source { try replace(task.rawName, in: folder, by: source) }
    guard let status = try folder.status(of: task.rawName) else {
      if isArchived { try work.rename(name, to: archive, as: name) }
      throw CommandError.fileGone(task)
    }
    try folder.sync()
    try work.sync()
    try archive.sync()
    return status.size
  }

  private func replace(
    _ name: FileName, in folder: Directory, by source: borrowing OpenFile
  ) throws(FileError) {
    try folder.remove(Self.incoming)
    var copy = try folder.createFile(Self.incoming)
    _ = try copy.write(contentsOf: source)
    try copy.sync()
    try copy.close()
    try folder.remove(Self.outgoing)
    if try folder.status(of: name) != nil {
      try folder.rename(name, to: folder, as: Self.outgoing)
    }
    try folder.rename(Self.incoming, to: folder, as: name)
    try folder.remove(Self.outgoing)
  }
}
