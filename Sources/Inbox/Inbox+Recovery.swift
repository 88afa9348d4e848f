import Files
import Logging
import Synchronization
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
//   NAME that cannot be opened    no             a claim: whoever reads it says what is wrong
//   NAME                          yes            left: an ordinary task
//   .partial                      no             removed: the source still lies in the inbox, or its
//                                                sender has no answer
//   .partial                      with source    finished: source removed, copy renamed; where
//                                                that fails now, the run tries it again
//   .partial                      without one    renamed: an upload (IncomingFile), whole before its row
//   anything else                 no             left alone, logged: we do not guess
//
// What goes wrong with one entry is logged and leaves that entry as it is: one file must not keep the
// daemon from starting. Where it is that an entry without a row cannot be looked at, each scan of the inbox tries that
// again. Thrown is what concerns all: state/work cannot be
// listed, the manifest does not answer, a sync failed. It can then be called again: claims that could not be made durable
// were put back into the inbox.

extension Inbox {
  /// Brings `state/work` in order after a crash; called before `run` or `drain`.
  ///
  /// `known` tells what the manifest has of a task; nil where it has no row.
  ///
  /// - Returns: Files that were taken but not recorded: durable where they are, to be recorded now.
  package func recover(known: (TaskID) throws -> KnownTask?) throws -> [ClaimedFile] {
    let claimer = claimer
    let mark = claimer.mark
    var claims: [ClaimedFile] = []
    for entry in try work.entries() {
      guard let id = TaskID(entry.text), try work.status(of: entry)?.kind == .directory else {
        logger.warning("state/work holds \(entry.shown), which is no task's folder; left alone")
        continue
      }
      let task = try known(id)
      guard let (folder, names) = list(entry, of: id) else {
        if let task {
          // Its source, if it has one and that still lies there, must not be taken once more.
          postpone(id, task)
          unrecovered.withLock { $0[id] = nil }
        }
        continue
      }
      if let task {
        try finish(id, task, folder: folder, names: names)
      } else if let claim = recoverUnrecorded(id, folder: folder, names: names) {
        claims.append(claim)
      }
    }
    do throws(FileError) {
      try claimer.makeDurable(claims, since: mark)
    } catch {
      for claim in claims { _ = claimer.undo(claim) }
      throw error
    }
    return claims
  }

  /// Tries again what `recover` could not look at; nobody else makes a row of it.
  ///
  /// - Returns: What is to be recorded now.
  func recoverLeft() -> [ClaimedFile] {
    var claims: [ClaimedFile] = []
    for id in unrecovered.withLock({ Array($0.keys) }).sorted() {
      guard let (folder, names) = list(Claimer.folderName(id), of: id) else { continue }
      if let claim = recoverUnrecorded(id, folder: folder, names: names) {
        logger.notice("\(claim.name.shown), which lies in state/work, can be looked at now")
        claims.append(claim)
      }
    }
    return claims
  }

  private func list(_ entry: FileName, of id: TaskID) -> (Directory, [FileName])? {
    do {
      let folder = try work.directory(entry, create: false)
      let names = try folder.entries()
      unrecovered.withLock { $0[id] = nil }
      return (folder, names)
    } catch {
      leave(id, because: "\(error)")
      return nil
    }
  }

  /// Notes what cannot be looked at, and says so once.
  private func leave(_ id: TaskID, because trouble: String) {
    guard unrecovered.withLock({ $0.updateValue(trouble, forKey: id) }) != trouble else { return }
    logger.error("a file that was taken cannot be looked at; that is tried again: \(trouble)")
  }

  private func finish(
    _ id: TaskID, _ task: KnownTask, folder: Directory, names: [FileName]
  ) throws(FileError) {
    guard names.contains(Claimer.partialName) else { return }
    guard !names.contains(task.name) else {
      logger.warning("state/work/\(id) holds a copy that its task does not know; left alone")
      return
    }
    guard let source = task.source else {
      return try folder.rename(Claimer.partialName, to: folder, as: task.name)
    }
    guard let error = claimer.finishCopy(id, name: task.name, source: source) else { return }
    logger.error("\(task.name.shown) is recorded and waits in the inbox to be removed: \(error)")
    postpone(id, task)
  }

  /// Leaves it to the run to remove the source.
  private func postpone(_ id: TaskID, _ task: KnownTask) {
    guard let source = task.source else { return }
    copies.add(ClaimedFile(taskID: id, name: task.name, size: source.size, source: source))
  }

  /// Nil where it makes no task, or cannot be looked at.
  private func recoverUnrecorded(
    _ id: TaskID, folder: Directory, names: [FileName]
  ) -> ClaimedFile? {
    if names.isEmpty || names == [Claimer.partialName] {
      removeUnused(id, folder: folder, names: names)
      return nil
    }
    guard names.count == 1, InputName(names[0]).isTaken,
      let status = regularFile(names[0], in: folder, of: id)
    else {
      if unrecovered.withLock({ $0[id] }) != nil { return nil }
      logger.warning("state/work/\(id) holds what no claim of ours leaves; left alone")
      return nil
    }
    if hasWriter(names[0], in: folder), putBack(names[0], from: folder) {
      // Its folder goes only after that is durable.
      do throws(FileError) {
        try board.directory.sync()
      } catch {
        leave(id, because: "\(error)")
        return nil
      }
      removeUnused(id, folder: folder, names: [])
      return nil
    }
    return ClaimedFile(taskID: id, name: names[0], size: status.size, source: nil)
  }

  private func removeUnused(_ id: TaskID, folder: Directory, names: [FileName]) {
    do throws(FileError) {
      for name in names { try folder.remove(name) }
      try work.removeDirectory(Claimer.folderName(id))
    } catch {
      logger.warning("an unused folder is left behind: \(error)")
    }
  }

  private func regularFile(
    _ name: FileName, in folder: Directory, of id: TaskID
  ) -> FileStatus? {
    do throws(FileError) {
      guard let status = try folder.status(of: name), status.kind == .regular else { return nil }
      return status
    } catch {
      leave(id, because: "\(error)")
      return nil
    }
  }

  /// False also where that cannot be found out.
  private func hasWriter(_ name: FileName, in folder: Directory) -> Bool {
    do throws(FileError) {
      guard let file = try folder.openFile(name) else { return false }
      return file.writers() == .some
    } catch {
      logger.warning("\(name.shown) was taken and is kept, though: \(error)")
      return false
    }
  }

  /// - Returns: False where the file cannot go back: the name in the inbox is taken by a newer one,
  ///   or lies on another file system, or the right is missing. It then is a task as it is, and
  ///   who reads it compares its status before and after.
  private func putBack(_ name: FileName, from folder: Directory) -> Bool {
    do throws(FileError) {
      try folder.rename(name, to: board.directory, as: name)
      return true
    } catch {
      logger.notice("\(name.shown) cannot be put back and is kept: \(error)")
      return false
    }
  }
}
