import Files
import Glibc
import Logging
import TaskModel

// The second half of a claim by copying, after its row is durable: the source goes, the copy gets
// its name. Whatever keeps the source from going (a right that was taken away, another machine's
// refusal) postpones this, for one file must not end the daemon or keep it from starting. The task
// then waits, and so does its name in the inbox: while the source lies there, nothing of that name
// is taken, so no file counts twice.
//
// A sync that fails postpones it too, and what it did not hold is done again before the next one. So the source is synced under
// its hidden name, from which it can go back, before it is removed: what can come back after that is a hidden file that
// nobody takes.

extension Claimer {
  /// The hidden name in the inbox under which a copied file waits for its removal.
  static func takenName(_ id: TaskID) -> FileName { fileName(".watchd-\(id)") }

  /// Puts the copy in the place of its source.
  ///
  /// - Returns: Why it has to be tried again later; nil where it is done.
  func finishCopy(_ id: TaskID, name: FileName, source: FileStatus) -> FileError? {
    do throws(FileError) {
      let folder = try workFolder(id)
      try removeSource(of: id, name: name, source: source, folder: folder)
      if let folder { try nameCopy(name, in: folder) }
      return nil
    } catch {
      return error
    }
  }

  private func nameCopy(_ name: FileName, in folder: Directory) throws(FileError) {
    do throws(FileError) {
      try folder.rename(Self.partialName, to: folder, as: name)
    } catch  where error.isMissing {
      // It has its name already.
      return
    }
    do throws(FileError) {
      try folder.sync()
    } catch {
      try folder.rename(name, to: folder, as: Self.partialName)
      throw error
    }
  }

  /// The folder of a task; nil where it is gone, for a waiting task may be cancelled.
  private func workFolder(_ id: TaskID) throws(FileError) -> Directory? {
    do throws(FileError) {
      return try work.directory(Self.folderName(id), create: false)
    } catch  where error.isMissing {
      return nil
    }
  }

  /// Removes the source, if it still is the file that was copied.
  ///
  /// It is first moved to a hidden name and looked at there: between a look at a name and
  /// unlink(2), somebody could put another file under it, and that one would be lost.
  private func removeSource(
    of id: TaskID, name: FileName, source: FileStatus, folder: Directory?
  ) throws(FileError) {
    let taken = Self.takenName(id)
    var isUntouched = false
    if let now = try inbox.status(of: name), now.hasSameContentsAcrossRestart(as: source) {
      isUntouched = now.isSameAcrossRestart(as: source)
      do throws(FileError) {
        try inbox.rename(name, to: inbox, as: taken)
      } catch  where error.isMissing {
        logger.debug("\(name.shown) was removed by somebody else after it was copied")
      }
    }
    guard let now = try inbox.status(of: taken) else { return }
    var isOurs = now.hasSameContentsAcrossRestart(as: source)
    if isOurs, !isUntouched { isOurs = try isCopied(taken, in: folder) }
    if isOurs {
      do throws(FileError) {
        try inbox.sync()
      } catch {
        try inbox.rename(taken, to: inbox, as: name)
        throw error
      }
      try inbox.remove(taken)
      try inbox.sync()
    } else {
      try giveBack(taken, of: id, name: name)
    }
  }

  /// Decides on a file of which something other than the contents changed since it was copied.
  ///
  /// A chmod or chown, by which a person lets us remove it, moves ctime; and so does a write whose
  /// mtime was set back, so the bytes are compared.
  private func isCopied(_ taken: FileName, in folder: Directory?) throws(FileError) -> Bool {
    guard let folder else { return false }
    switch try compare(taken, in: folder) {
    case .same: return true
    case .different: return false
    case .stopped: throw FileError("compare with its copy", taken.text, ECANCELED)
    }
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

extension FileStatus {
  /// As `isSameAcrossRestart`, but ctime, which a rename moves, is left out.
  fileprivate func hasSameContentsAcrossRestart(as other: FileStatus) -> Bool {
    kind == other.kind && inode == other.inode && size == other.size && modified == other.modified
  }
}
