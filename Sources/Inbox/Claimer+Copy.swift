import Files
import Logging
import TaskModel

// An inbox on another file system than the state: rename(2) says EXDEV, so the file is copied, and
// the copy takes its place only after the row that names both is durable:
//
//   1. copy to work/TASK/.partial, sync, read both again and compare, compare the source's status
//   2. the row is recorded, with the status of the source
//   3. the source is removed, if it still is that file
//   4. .partial is renamed to its name
//
// A crash before 2 leaves a copy without a row: it is removed, the source is still there. A crash
// after 2 leaves a row with its source: `finishCopy` is done again. Each step can be done twice.
//
// The cost: the bytes are read twice and written once on the inbox's thread, and files behind a
// large one wait for it. Whoever minds puts inbox and state on one file system.

extension Claimer {
  static let partialName = fileName(".partial")
  private static let bufferSize = 1 << 20

  /// The hidden name in the inbox under which a copied file waits for its removal.
  static func takenName(_ id: TaskID) -> FileName { fileName(".watchd-\(id)") }

  func copy(
    _ name: FileName, seen: FileStatus, to folder: Directory, id: TaskID
  ) throws(FileError) -> Outcome {
    // A copy whose source cannot be removed would be made again and again.
    try inbox.requireWritable()
    do throws(FileError) {
      guard let source = try copyContents(name, seen: seen, to: folder) else {
        try folder.remove(Self.partialName)
        return try inbox.status(of: name) == nil ? .gone : .changed
      }
      return .claimed(ClaimedFile(taskID: id, name: name, size: source.size, source: source))
    } catch {
      // What was thrown is what matters; a copy that cannot be removed is left to recovery.
      do throws(FileError) { try folder.remove(Self.partialName) } catch {
        logger.warning("an unfinished copy is left behind: \(error)")
      }
      throw error
    }
  }

  /// Copies and verifies.
  ///
  /// - Returns: The status of the source; nil where it changed, or has a writer.
  private func copyContents(
    _ name: FileName, seen: FileStatus, to folder: Directory
  ) throws(FileError) -> FileStatus? {
    guard let source = try inbox.openFile(name) else { return nil }
    let before = try source.status()
    guard before.hasSameContents(as: seen), source.writers() != .some else { return nil }
    let copy = try folder.createFile(Self.partialName)
    var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    while true {
      let count = try source.fill(&buffer)
      try copy.write(buffer, count: count)
      if count < buffer.count { break }
    }
    try copy.sync()
    afterCopying(name)
    guard try copy.status().size == before.size, try isCopied(name, in: folder),
      try source.status() == before, try inbox.status(of: name) == before,
      source.writers() != .some
    else { return nil }
    return before
  }

  /// Reads source and copy once more and compares every byte.
  private func isCopied(_ name: FileName, in folder: Directory) throws(FileError) -> Bool {
    guard let source = try inbox.openFile(name),
      let copy = try folder.openFile(Self.partialName)
    else { return false }
    var left = [UInt8](repeating: 0, count: Self.bufferSize)
    var right = left
    while true {
      let count = try source.fill(&left)
      guard try copy.fill(&right) == count, left[..<count] == right[..<count] else {
        return false
      }
      if count < left.count { return true }
    }
  }

  /// Puts the copy in the place of its source, once the row is durable.
  ///
  /// The source is first moved to a hidden name and looked at there: between a look at a name
  /// and unlink(2), somebody could put another file under it, and that one would be lost.
  func finishCopy(_ id: TaskID, name: FileName, source: FileStatus) throws(FileError) {
    let folder = try work.directory(Self.folderName(id), create: false)
    let taken = Self.takenName(id)
    if let now = try inbox.status(of: name), now.isSameAcrossRestart(as: source) {
      do throws(FileError) {
        try inbox.rename(name, to: inbox, as: taken)
      } catch  where error.isMissing {
        logger.debug("\(name.shown) was removed by somebody else after it was copied")
      }
    }
    if let now = try inbox.status(of: taken) {
      if now.inode == source.inode, now.size == source.size, now.modified == source.modified {
        try inbox.remove(taken)
      } else {
        try giveBack(taken, of: id, name: name)
      }
    }
    try inbox.sync()
    try folder.rename(Self.partialName, to: folder, as: name)
    try folder.sync()
  }

  /// Makes a file visible again that turned out to be another one than was copied.
  private func giveBack(
    _ taken: FileName, of id: TaskID, name: FileName
  ) throws(FileError) {
    do throws(FileError) {
      try inbox.rename(taken, to: inbox, as: name)
    } catch  where error.isTaken {
      let free = Self.fileName("\(id)" + (InputName(name) == .gzip ? ".csv.gz" : ".csv"))
      logger.warning("\(name.shown) came twice within a moment; one is now \(free.shown)")
      try inbox.rename(taken, to: inbox, as: free)
    }
  }
}
