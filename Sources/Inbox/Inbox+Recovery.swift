import Files
import Logging
package import TaskModel

// What a crash leaves in state/work, and what becomes of it. "Row" is the task's row in the
// manifest.
//
//   entry of state/work           row            becomes
//   no task's folder              -              left alone, logged
//   empty folder                  no             removed: the file never left the inbox
//   empty folder                  yes            left: the file is the pipeline's matter
//   NAME                          no             a claim, to be recorded: the row was not reached
//   NAME, open by a writer        no             put back: the crash came before the second look
//   NAME                          yes            left: an ordinary task
//   .partial                      no             removed: the source still lies in the inbox
//   .partial                      with source    finished: source removed, copy renamed
//   .partial                      without one    left alone, logged: not made by us
//   anything else                 no             left alone, logged: we do not guess

extension Inbox {
  /// Brings `state/work` in order after a crash; called before `run` or `drain`.
  ///
  /// `known` tells what the manifest has of a task; nil where it has no row.
  ///
  /// - Returns: Files that were taken but not recorded: durable where they are, to be recorded now.
  package func recover(known: (TaskID) throws -> KnownTask?) throws -> [ClaimedFile] {
    var claims: [ClaimedFile] = []
    for entry in try work.entries() {
      guard let id = TaskID(entry.text), try work.status(of: entry)?.kind == .directory else {
        logger.warning("state/work holds \(entry.shown), which is no task's folder; left alone")
        continue
      }
      let folder = try work.directory(entry, create: false)
      let names = try folder.entries()
      if let task = try known(id) {
        try finish(id, task, names: names)
      } else if let claim = try recoverUnrecorded(id, folder: folder, names: names) {
        claims.append(claim)
      }
    }
    try claimer.makeDurable(claims)
    return claims
  }

  private func finish(_ id: TaskID, _ task: KnownTask, names: [FileName]) throws(FileError) {
    guard names.contains(Claimer.partialName) else { return }
    guard let source = task.source, !names.contains(task.name) else {
      logger.warning("state/work/\(id) holds a copy that its task does not know; left alone")
      return
    }
    try claimer.finishCopy(id, name: task.name, source: source)
  }

  private func recoverUnrecorded(
    _ id: TaskID, folder: Directory, names: [FileName]
  ) throws(FileError) -> ClaimedFile? {
    if names.isEmpty || names == [Claimer.partialName] {
      for name in names { try folder.remove(name) }
      try work.removeDirectory(Claimer.folderName(id))
      return nil
    }
    guard names.count == 1, InputName(names[0]).isTaken, let file = try folder.openFile(names[0])
    else {
      logger.warning("state/work/\(id) holds what no claim of ours leaves; left alone")
      return nil
    }
    if file.writers() == .some, try putBack(names[0], from: folder, id: id) { return nil }
    return ClaimedFile(taskID: id, name: names[0], size: try file.status().size, source: nil)
  }

  /// - Returns: False where the name in the inbox is taken by a newer file, or lies on another file
  ///   system.
  private func putBack(
    _ name: FileName, from folder: Directory, id: TaskID
  ) throws(FileError) -> Bool {
    do throws(FileError) {
      try folder.rename(name, to: board.directory, as: name)
    } catch  where error.isTaken || error.isOtherFileSystem {
      return false
    }
    try board.directory.sync()
    try work.removeDirectory(Claimer.folderName(id))
    return true
  }
}
