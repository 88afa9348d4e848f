import ContentHash
package import Files
import Synchronization
package import TaskModel

// A file that comes by another way than the inbox's directory (an upload). Its claim is the one of a file from another
// file system (Claimer+Copy), with the sender in the place of the source:
//
//   1. it is written to work/TASK/.partial, under the id that it will have: no name of the sender's meets another
//   2. sync of file, folder and work (`seal`): the bytes are durable, and still nothing but a leftover
//   3. the row is recorded: from here on it is a task
//   4. .partial is renamed to its name (`finish`)
//
// A crash before 3 leaves a copy without a row: it is removed at the next start, and the sender, who has no answer, sends
// it again. A crash after 3 leaves a row whose copy only lacks its name, which recovery gives it. So one commit decides,
// for several files at once too. To go through the directory instead would mean a name that nobody else may have
// there, a second rename, and to find out which of the inbox's later claims was ours.

/// A file on its way into `state/work`, not a task yet; calls block, one at a time.
///
/// It takes descriptors only while it is written: of the thousand files of one request, one is open at a time.
package final class IncomingFile: Sendable {
  package let taskID: TaskID
  package let name: FileName
  private let work: Directory
  /// From before its folder was made.
  private let mark: Directory.Mark
  private let state: Mutex<State>

  private struct State: ~Copyable {
    /// Nil once it is sealed.
    var folder: Directory?
    var file: OpenFile?
    var size: Int64 = 0
    var hash = ContentHash()
    var isSealed = false
  }

  /// Makes the folder of a task to be; the name must be one that the inbox takes.
  ///
  /// - Throws: What the file system says; then nothing is left, unless the folder cannot be removed either, for which
  ///   recovery is there.
  package init(named name: FileName, in work: Directory) throws(FileError) {
    let id = TaskID.make()
    let folderName = Claimer.folderName(id)
    mark = work.mark
    do throws(FileError) {
      let folder = try work.directory(folderName)
      state = Mutex(State(folder: folder, file: try folder.createFile(Claimer.partialName)))
    } catch {
      // It may be there and not be opened, for want of descriptors, or have no room for a file.
      try work.removeDirectory(folderName)
      throw error
    }
    taskID = id
    self.name = name
    self.work = work
  }

  package var size: Int64 { state.withLock { $0.size } }

  package func write(_ bytes: [UInt8]) throws {
    try state.withLock { state throws(FileError) in
      try state.file?.write(bytes, count: bytes.count)
      state.size += Int64(bytes.count)
      unsafe bytes.withUnsafeBytes { unsafe state.hash.update($0) }
    }
  }

  /// Makes it durable, as what it is: the whole contents of a task that nobody has asked for yet; and closes it.
  ///
  /// - Returns: What is to be recorded; the same when it is called again.
  /// - Throws: What the file system says; it can then only be discarded.
  package func seal() throws -> ClaimedFile {
    let sha256 = try state.withLock { state throws(FileError) in
      guard !state.isSealed else { return state.hash.hexadecimal }
      try state.file?.sync()
      try state.file?.close()
      state.file = nil
      try state.folder?.sync()
      state.folder = nil
      try work.sync(since: mark)
      state.isSealed = true
      return state.hash.hexadecimal
    }
    return ClaimedFile(
      taskID: taskID, name: name, size: size, source: nil, sentSHA256: sha256)
  }

  /// What it is called until it has its name.
  package static var unnamed: FileName { Claimer.partialName }

  /// Gives it its name, once its row is durable; a crash before leaves that to recovery.
  ///
  /// Not synced: a loss of power may take the name from it again, also after the task has ended, and whoever looks for the file
  /// then looks for `unnamed` too. Its bytes were synced before its row.
  package func finish() throws(FileError) {
    let folder = try work.directory(Claimer.folderName(taskID), create: false)
    try folder.rename(Claimer.partialName, to: folder, as: name)
  }

  /// Leaves nothing of it; must not be called once its row may be durable.
  ///
  /// Opens nothing, for want of descriptors may be why.
  package func discard() throws(FileError) {
    state.withLock { state in
      state.file = nil
      state.folder = nil
    }
    let folder = Claimer.folderName(taskID)
    try work.remove(Claimer.partialName, in: folder)
    try work.removeDirectory(folder)
  }
}
