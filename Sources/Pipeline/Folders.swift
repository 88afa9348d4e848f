package import Files
package import TaskModel

/// The directories of a daemon, held open for its life.
package struct Folders: Sendable {
  package let inbox: Directory
  /// Opened again by each task where the path leads elsewhere by now: see `withOutbox`.
  package private(set) var outbox: Directory
  package let state: Directory
  /// `state/work`: one folder a claimed file, by task id.
  package let work: Directory
  /// `state/archive`: the same folders once their tasks ended.
  package let archive: Directory

  /// Opens all of them, making what is missing.
  package init(settings: Settings) throws(FileError) {
    inbox = try Directory.open(settings.inbox)
    outbox = try Directory.open(settings.outbox)
    state = try Directory.open(settings.state)
    work = try state.directory(Self.workName)
    archive = try state.directory(Self.archiveName)
  }

  /// Where files come from, and what is written to.
  package func space(_ settings: Settings) -> DiskSpace {
    DiskSpace(of: [inbox, outbox, state], minimum: settings.minFree)
  }

  /// The same folders, with the outbox as its path has it now, made where it is missing.
  ///
  /// Somebody may move the outbox away, or remove it, under the running daemon: results must not go
  /// on into a directory that nobody looks at.
  func withOutbox(at path: String) throws(FileError) -> Folders {
    let (held, found) = (try outbox.status(), try outbox.statusOfPath())
    if let found, found.device == held.device, found.inode == held.inode { return self }
    var folders = self
    folders.outbox = try Directory.open(path)
    return folders
  }

  private static let workName = name("work")
  private static let archiveName = name("archive")

  /// The folder of a task in `work` and `archive`.
  static func name(of task: TaskID) -> FileName { name(task.description) }

  private static func name(_ text: String) -> FileName {
    guard let name = FileName(text) else { preconditionFailure("\(text) names an entry") }
    return name
  }
}
