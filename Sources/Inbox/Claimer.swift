import Files
import Logging
import TaskModel

/// Takes files out of the inbox, one by one, each into a folder of its own named by the task.
///
/// A look at a file and the rename are two system calls; anything may come between them. So the
/// rename is done first and believed last: once the file has left the inbox, nobody can open it by
/// its name there any more, and what the descriptor says then (the same inode, size and time as
/// seen, nobody writing) stays so. Where it says otherwise the file goes back under its name, never
/// over another, and has to prove itself again.
struct Claimer {
  /// What became of an attempt.
  enum Outcome {
    case claimed(ClaimedFile)
    /// It is not what was seen; it lies in the inbox and has to hold still anew.
    case changed
    case gone
    /// A stop came while it was copied; it lies in the inbox as before.
    case stopped
  }

  /// Up to this size a claim syncs the contents too; a larger file would hold up the small ones
  /// behind it for seconds, and its size tells whether a power cut has shortened it.
  static let syncedSize: Int64 = 64 << 20
  /// From so many claims on, the file system is synced instead of each file.
  static let burst = 16

  var inbox: Directory
  let work: Directory
  let logger: Logger
  /// Called between the copying of a file and the check that it did not change meanwhile.
  var afterCopying: @Sendable (FileName) -> Void = { _ in }
  /// Asked for each piece of a file that is copied or compared, so that a stop waits for none.
  var isStopped: @Sendable () -> Bool = { false }

  /// Tries to take the file, which must be what was seen.
  func claim(_ name: FileName, seen: FileStatus) throws(FileError) -> Outcome {
    let id = TaskID.make()
    var keepsFolder = false
    // Before it is made: it may be there and not be opened, for want of descriptors.
    defer { if !keepsFolder { removeFolder(id) } }
    let folder = try work.directory(Self.folderName(id))
    let outcome: Outcome
    do throws(FileError) {
      try inbox.rename(name, to: folder, as: name)
      outcome = confirm(name, seen: seen, folder: folder, id: id)
    } catch  where error.isMissing {
      outcome = .gone
    } catch  where error.isOtherFileSystem {
      outcome = try copy(name, seen: seen, to: folder, id: id)
    }
    if case .claimed = outcome { keepsFolder = true }
    return outcome
  }

  /// Decides on a file that was just moved into its folder.
  ///
  /// Does not throw, for the file must not be forgotten here: what cannot go back is kept as a
  /// task, out of reach of new writers, and who reads it compares its status before and after.
  private func confirm(
    _ name: FileName, seen: FileStatus, folder: Directory, id: TaskID
  ) -> Outcome {
    var size = seen.size
    do throws(FileError) {
      if let file = try folder.openFile(name) {
        let found = try file.status()
        size = found.size
        if found.hasSameContents(as: seen), file.writers() != .some {
          return .claimed(ClaimedFile(taskID: id, name: name, size: size, source: nil))
        }
      }
    } catch {
      logger.warning("\(name.shown) is put back: \(error)")
    }
    do throws(FileError) {
      try folder.rename(name, to: inbox, as: name)
      return .changed
    } catch {
      logger.warning("\(name.shown) changed while it was taken and cannot be put back: \(error)")
      return .claimed(ClaimedFile(taskID: id, name: name, size: size, source: nil))
    }
  }

  /// A moment before claims that are to be made durable.
  struct Mark {
    let inbox: Directory.Mark
    let work: Directory.Mark
  }

  var mark: Mark { Mark(inbox: inbox.mark, work: work.mark) }

  /// Makes a batch of claims durable, before it is recorded.
  ///
  /// All renames come before the first sync. fsync(2), NOTES: a directory's entries need a sync of
  /// their own, on both sides of a rename. A burst is synced by file system instead: measured on
  /// ext4, 256 files cost 0.2 seconds so, and 2 seconds one by one. The price is that it waits for
  /// what other programs have just written there. The same way is taken where something cannot be
  /// opened now (too many open files, a right that was taken away): it opens nothing.
  ///
  /// - Parameters:
  ///   - batch: The claims.
  ///   - mark: From before the first of them.
  /// - Throws: A failed sync only, after which each is to be undone (`undo`): to sync again would be believed without a reason.
  func makeDurable(_ batch: [ClaimedFile], since mark: Mark) throws(FileError) {
    if batch.count < Self.burst, try syncEach(batch) {
      try work.sync(since: mark.work)
    } else {
      try work.syncFileSystem(since: mark.work)
    }
    try inbox.sync(since: mark.inbox)
  }

  /// - Returns: False where one could not be opened.
  private func syncEach(_ batch: [ClaimedFile]) throws(FileError) -> Bool {
    for claim in batch {
      guard let folder = openFolder(claim) else { return false }
      if claim.source == nil, claim.size <= Self.syncedSize {
        guard let file = open(claim.name, in: folder) else { return false }
        try file.sync()
      }
      try folder.sync()
    }
    return true
  }

  private func openFolder(_ claim: ClaimedFile) -> Directory? {
    do throws(FileError) {
      return try work.directory(Self.folderName(claim.taskID), create: false)
    } catch {
      logger.debug("the whole file system is synced instead: \(error)")
      return nil
    }
  }

  private func open(_ name: FileName, in folder: Directory) -> OpenFile? {
    do throws(FileError) {
      return try folder.openFile(name)
    } catch {
      logger.debug("the whole file system is synced instead: \(error)")
      return nil
    }
  }

  /// Removes a folder that became no task's; one that is not empty stays, for recovery to look at.
  func removeFolder(_ id: TaskID) {
    do throws(FileError) {
      try work.removeDirectory(Self.folderName(id))
    } catch  where error.isMissing {
      return
    } catch {
      logger.warning("an unused folder is left behind: \(error)")
    }
  }

  /// The name of a task's folder in `state/work`.
  static func folderName(_ id: TaskID) -> FileName { fileName(id.description) }

  /// A name that we make ourselves.
  static func fileName(_ text: String) -> FileName {
    guard let name = FileName(text) else {
      preconditionFailure("the text form of an id, or a constant, is a file name")
    }
    return name
  }
}
