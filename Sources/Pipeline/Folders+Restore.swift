import Files
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
  func restore(_ task: TaskRecord, replacement: String?) throws -> Int64 {
    let name = Self.name(of: task.taskID)
    if try work.status(of: name) == nil, try archive.status(of: name) != nil {
      try archive.rename(name, to: work, as: name)
    }
    guard try work.status(of: name) != nil || replacement != nil else {
      throw CommandError.fileGone(task)
    }
    let folder = try work.directory(name)
    if let replacement {
      let source = try OpenFile.open(path: replacement)
      try folder.remove(Self.incoming)
      var copy = try folder.createFile(Self.incoming)
      try copy.write(contentsOf: source)
      try copy.sync()
      try copy.close()
      try folder.remove(Self.outgoing)
      if try folder.status(of: task.rawName) != nil {
        try folder.rename(task.rawName, to: folder, as: Self.outgoing)
      }
      try folder.rename(Self.incoming, to: folder, as: task.rawName)
      try folder.remove(Self.outgoing)
    } else if try folder.status(of: task.rawName) == nil,
      try folder.status(of: Self.outgoing) != nil
    {
      try folder.rename(Self.outgoing, to: folder, as: task.rawName)
    }
    guard let status = try folder.status(of: task.rawName) else {
      throw CommandError.fileGone(task)
    }
    try folder.sync()
    try work.sync()
    try archive.sync()
    return status.size
  }
}

extension OpenFile {
  /// Appends all that is to be read from another file.
  fileprivate func write(contentsOf source: borrowing OpenFile) throws(FileError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try source.fill(&buffer)
      if count == 0 { return }
      try write(buffer, count: count)
    }
  }
}
