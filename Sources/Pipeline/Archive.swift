import Files
import TaskModel

extension Folders {
  /// Moves the folder of a finished task from `work` to `archive`, or removes it.
  ///
  /// Nothing hangs on it: the manifest says that the task ended, and start-up moves what was left.
  func archive(_ task: TaskRecord, policy: Settings.Archive) throws(FileError) {
    let name = Self.name(of: task.taskID)
    switch policy {
    case .keep:
      do throws(FileError) {
        try work.rename(name, to: archive, as: name)
      } catch  where error.isMissing {
        // It was moved before the daemon was stopped, or a person took it.
      }
    case .delete:
      guard try work.status(of: name) != nil else { return }
      let folder = try work.directory(name, create: false)
      try folder.remove(task.rawName)
      try work.removeDirectory(name)
    }
  }
}
