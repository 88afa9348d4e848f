import Files
import Logging
import TaskModel

// A claim that could not be made durable. The kernel may have dropped what it could not write, and would report success for the
// next sync without a reason to; so the claim is undone and made anew, and that is what the next sync has to hold.

extension Claimer {
  /// Puts a file that was taken back into the inbox.
  ///
  /// - Returns: Nil where it lies there again. Where it cannot, for by now another file has its name there, the same claim, done
  ///   again.
  func undo(_ claim: ClaimedFile) -> ClaimedFile? {
    do throws(FileError) {
      let folder = try work.directory(Self.folderName(claim.taskID), create: false)
      if claim.source != nil {
        try folder.remove(Self.partialName)
      } else {
        do throws(FileError) {
          try folder.rename(claim.name, to: inbox, as: claim.name)
        } catch  where error.isTaken {
          return try move(claim, from: folder)
        }
      }
      removeFolder(claim.taskID)
      return nil
    } catch {
      // On a file system that changes nothing any more no later sync succeeds either.
      logger.error("\(claim.name.shown) is taken and cannot be put back: \(error)")
      return claim
    }
  }

  /// Moves a claimed file into the folder of another task to be.
  private func move(
    _ claim: ClaimedFile, from folder: Directory
  ) throws(FileError) -> ClaimedFile {
    let id = TaskID.make()
    let other = try work.directory(Self.folderName(id))
    do throws(FileError) {
      try folder.rename(claim.name, to: other, as: claim.name)
    } catch {
      removeFolder(id)
      throw error
    }
    removeFolder(claim.taskID)
    return ClaimedFile(taskID: id, name: claim.name, size: claim.size, source: nil)
  }
}
