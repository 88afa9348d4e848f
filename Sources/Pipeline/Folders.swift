package import Files
package import TaskModel

/// The directories of a daemon, held open for its life.
package struct Folders: Sendable {
  package let inbox: Directory
  /// Opened again by each task where the path leads elsewhere by now: see `withOutbox`.
  package private(set) var outbox: Directory
  /// From before the task that has these folders changed anything in the outbox, which all share.
  private(set) var outboxMark: Directory.Mark
  package let state: Directory
  /// `state/work`: one folder a claimed file, by task id.
  package let work: Directory
  /// `state/archive`: the same folders once their tasks ended.
  package let archive: Directory

  /// Opens all of them; makes what is missing, or fails where `create` is false.
  ///
  /// - Throws: `RemoteState`, before anything is made in it or elsewhere; else what the file system says.
  package init(settings: Settings, create: Bool = true) throws {
    state = try Directory.open(settings.state, create: create)
    try RemoteState.refuse(state)
    inbox = try Directory.open(settings.inbox, create: create)
    outbox = try Directory.open(settings.outbox, create: create)
    outboxMark = outbox.mark
    work = try state.directory(Self.workName)
    archive = try state.directory(Self.archiveName)
  }

  /// What is written to: taking files makes the inbox smaller, however full its disk is.
  package func space(_ settings: Settings) -> DiskSpace {
    DiskSpace(of: [outbox, state], minimum: settings.minFree)
  }

  /// The same folders for a task that begins, with the outbox as its path has it now, made where it is missing.
  ///
  /// Somebody may move the outbox away, or remove it, under the running daemon: results must not go
  /// on into a directory that nobody looks at.
  func withOutbox(at path: String) throws(FileError) -> Folders {
    let (held, found) = (try outbox.status(), try outbox.statusOfPath())
    var folders = self
    if found?.device != held.device || found?.inode != held.inode {
      folders.outbox = try Directory.open(path)
    }
    folders.outboxMark = folders.outbox.mark
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
