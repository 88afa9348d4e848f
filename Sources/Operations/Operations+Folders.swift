import Files
import TaskModel
import TaskStore

/// What only the folders tell: the inbox, and what is on its way out of it.
extension Operations {
  /// The process that has the lock of the state directory; nil where none has, or /proc/locks (proc(5))
  /// does not show it, as from another container.
  ///
  /// Asked there and not by trying the lock: a daemon that starts at that moment would be refused.
  package func daemon() throws -> Int32? {
    try Directory.open(stateDirectory, create: false).lockHolder()
  }

  /// The folder of the database.
  package var stateDirectory: String {
    store.path.lastIndex(of: "/").map { String(store.path[..<$0]) } ?? "."
  }

  /// Where the daemon took files from when it last started.
  package func inboxPath() throws -> String {
    guard let path = try store.places()[.inbox] else { throw OperationError.inboxUnknown }
    return path
  }

  /// The inbox, open; nil where the database does not say where it is.
  func inbox() throws -> Directory? {
    try store.places()[.inbox].map { path in try Directory.open(path, create: false) }
  }

  /// The settings by which the daemon works, or last worked, as far as it recorded them; the defaults of the others.
  func settings() throws -> Settings {
    let recorded = try store.recordedSettings()
    return try Settings { recorded[$0] ?? $0.defaultValue }
  }

  /// A look into the inbox, with the daemon's eyes.
  func look(into inbox: Directory, daemon: Int32?) throws -> InboxLook {
    let written = try [outbox(), Directory.open(stateDirectory, create: false)].compactMap(\.self)
    return InboxLook(
      directory: inbox, daemon: daemon, settings: try settings(),
      queued: try store.counts()[.queued] ?? 0, written: written)
  }

  /// The outbox, open; nil where the database does not say where it is, or it is gone: the daemon makes it anew.
  private func outbox() throws -> Directory? {
    guard let path = try store.places()[.outbox] else { return nil }
    do throws(FileError) {
      return try Directory.open(path, create: false)
    } catch  where error.isMissing {
      return nil
    }
  }

  /// Whether a regular file of that name lies in the inbox.
  func liesInInbox(_ name: FileName) throws -> Bool {
    try inbox()?.status(of: name)?.kind == .regular
  }

  /// Whether a file of that name is between the rename out of the inbox and the commit of its row: for a
  /// moment, or until the next start where the daemon was killed there.
  ///
  /// - Throws: `UnreadableClaim` where one of the folders that may hold it cannot be looked into.
  func isClaimed(_ name: FileName) throws -> Bool {
    let state = try Directory.open(stateDirectory, create: false)
    guard let workName = FileName("work"), try state.status(of: workName)?.kind == .directory else {
      return false
    }
    let work = try state.directory(workName, create: false)
    var claims: [TaskID] = []
    try work.forEachEntry { entry in
      if let id = TaskID(bytes: entry.bytes.span) { claims.append(id) }
    }
    // Read after the folders were listed: a row that comes in between is no claim without one. With a large backlog nearly
    // all folders are of tasks that wait, and to ask for these one by one would take a person's time.
    let known = try store.unfinishedIDs()
    return try claims.contains { id in
      guard !known.contains(id), try store.task(id) == nil, let folder = FileName(id.description)
      else { return false }
      return try lies(name, in: folder, of: work)
    }
  }

  /// False too where the folder is gone by now.
  private func lies(_ name: FileName, in folder: FileName, of work: Directory) throws -> Bool {
    do throws(FileError) {
      guard try work.status(of: folder)?.kind == .directory else { return false }
      return try work.directory(folder, create: false).status(of: name) != nil
    } catch  where error.isMissing {
      return false
    } catch {
      throw UnreadableClaim(cause: error)
    }
  }
}

/// A folder of a file that was taken and has no row cannot be looked into.
struct UnreadableClaim: Error {
  let cause: FileError
}
