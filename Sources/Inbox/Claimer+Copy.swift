import Files
import Glibc
import Logging
import TaskModel

// An inbox on another file system than the state: rename(2) says EXDEV, so the file is copied, and
// the copy takes its place only after the row that names both is durable:
//
//   1. ask the kernel whether the source may be removed; where not, nothing is taken
//   2. copy to work/TASK/.partial, sync, read both again and compare, compare the source's status
//   3. the row is recorded, with the status of the source
//   4. the source is removed, if it still is that file (Claimer+Finish)
//   5. .partial is renamed to its name
//
// A crash before 3 leaves a copy without a row: it is removed, the source is still there. A crash
// after 3 leaves a row with its source: `finishCopy` is done again. Each step can be done twice.
//
// The cost: the bytes are read twice and written once on the inbox's thread, and files behind a
// large one wait for it. Whoever minds puts inbox and state on one file system.

extension Claimer {
  static let partialName = fileName(".partial")
  private static let bufferSize = 1 << 20

  func copy(
    _ name: FileName, seen: FileStatus, to folder: Directory, id: TaskID
  ) throws(FileError) -> Outcome {
    // A copy whose source cannot be removed would be made again and again, or stay unfinished.
    try inbox.requireWritable()
    try requireRemovable(name)
    do throws(FileError) {
      guard let source = try copyContents(name, seen: seen, to: folder) else {
        try folder.remove(Self.partialName)
        if isStopped() { return .stopped }
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

  /// Throws where the file may be read but not removed: in a sticky directory (1777, as /tmp)
  /// another user's file, or one that is immutable.
  ///
  /// The kernel is asked instead of its rules being told again, for they also hang on capabilities,
  /// user namespaces and attributes: rmdir(2) looks at the right to remove the entry first, and
  /// then refuses a regular file with ENOTDIR. Were the file replaced by an empty directory
  /// between two system calls, that would go; nothing is in it. A file system that decides elsewhere (NFS) may
  /// still refuse the removal later, which `finishCopy` then postpones.
  private func requireRemovable(_ name: FileName) throws(FileError) {
    guard try inbox.status(of: name)?.kind == .regular else { return }
    do throws(FileError) {
      if try inbox.removeDirectory(name) {
        logger.warning("\(name.shown) had become an empty directory, which is removed")
      }
    } catch  where error.code == ENOTDIR || error.code == ENOTEMPTY {
      return
    }
  }

  /// Copies and verifies.
  ///
  /// - Returns: The status of the source; nil where it changed, has a writer, or a stop came.
  private func copyContents(
    _ name: FileName, seen: FileStatus, to folder: Directory
  ) throws(FileError) -> FileStatus? {
    guard let source = try inbox.openFile(name) else { return nil }
    let before = try source.status()
    guard before.hasSameContents(as: seen), source.writers() != .some else { return nil }
    let copy = try folder.createFile(Self.partialName)
    guard try copy.write(contentsOf: source, isStopped: isStopped) else { return nil }
    try copy.sync()
    afterCopying(name)
    guard try copy.status().size == before.size, try compare(name, in: folder) == .same,
      try source.status() == before, try inbox.status(of: name) == before,
      source.writers() != .some
    else { return nil }
    return before
  }

  /// What a comparison of a source with its copy gave.
  enum Comparison {
    case same
    case different
    /// A stop came before the end of it.
    case stopped
  }

  /// Reads a file of the inbox and the copy once more and compares every byte.
  func compare(_ name: FileName, in folder: Directory) throws(FileError) -> Comparison {
    guard let source = try inbox.openFile(name),
      let copy = try folder.openFile(Self.partialName)
    else { return .different }
    var left = [UInt8](repeating: 0, count: Self.bufferSize)
    var right = left
    while true {
      if isStopped() { return .stopped }
      let count = try source.fill(&left)
      guard try copy.fill(&right) == count, left[..<count] == right[..<count] else {
        return .different
      }
      if count < left.count { return .same }
    }
  }
}
