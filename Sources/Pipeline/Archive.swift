import Files
import TaskModel

extension Folders {
  /// Moves the folder of a finished task from `work` to `archive`, or removes it.
  ///
  /// Nothing hangs on it: the manifest says that the task ended, and start-up moves what was left. A folder
  /// that is not there was moved before the daemon was stopped, or a person took it.
  func archive(_ task: TaskRecord, policy: Settings.Archive) throws {
    let name = Self.name(of: task.taskID)
    guard try work.status(of: name) != nil else { return }
    switch policy {
    case .keep: try work.rename(name, to: archive, as: name)
    case .delete:
      let folder = try work.directory(name, create: false)
      for entry in try folder.entries() { try folder.remove(entry) }
      try work.removeDirectory(name)
    }
  }
}
