import Files
import TaskModel
import TaskStore

extension Operations {
  /// Why a file is not (yet) loaded; the text is a task as for `task(matching:)`, the name of a file, or
  /// the path of one.
  ///
  /// The manifest is asked first, then the inbox, then the manifest again, for the file may have been
  /// taken between the two. Whether the daemon runs is asked only where that matters: the kernel may take 20 ms to tell.
  package func why(_ text: String) throws -> Explanation {
    let (folder, name) = Self.split(text)
    if let stored = try store.task(matching: name) {
      return try explanation(of: stored, folder: folder)
    }
    if let found = try lyingInInbox(name, folder: folder) { return found }
    if let stored = try store.task(matching: name) {
      return try explanation(of: stored, folder: folder)
    }
    if let entry = FileName(name), let sentence = try claimSentence(entry) {
      return Explanation(
        name: name, reason: .claimed,
        sentence: sentence + (try daemon() == nil ? "; the daemon does not run: start watchd" : ""))
    }
    return try unknown(name, in: folder)
  }

  /// Of a file that was taken out of the inbox and has no row; nil where it is none.
  private func claimSentence(_ name: FileName) throws -> String? {
    do {
      return try isClaimed(name) ? "it was taken out of the inbox and is recorded next" : nil
    } catch let error as UnreadableClaim {
      return
        "it may be a file that was taken out of the inbox and cannot be looked at, which watchd tries again: \(error.cause)"
    }
  }

  /// A path's folder, nil for a name alone, and its last component.
  private static func split(_ text: String) -> (folder: String?, name: String) {
    guard let slash = text.lastIndex(of: "/") else { return (nil, text) }
    return (
      slash == text.startIndex ? "/" : String(text[..<slash]),
      String(text[text.index(after: slash)...])
    )
  }

  private func explanation(of stored: StoredTask, folder: String?) throws -> Explanation {
    let task = stored.record
    let sentence = TaskSentence(
      task: task, events: try store.events(of: task.taskID),
      ahead: task.status == .queued ? try store.queued(before: task.taskID) : 0,
      isGoingOver: try task.status == .running
        && store.motions()[task.taskID]?.isGoingOver ?? false,
      daemonRuns: try task.status.isFinal || daemon() != nil)
    var explanation = Explanation(
      name: task.name, reason: sentence.reason, sentence: sentence.text, task: task)
    if let time = stored.prunedAt {
      explanation.sentence += "; it is older than the retention: "
      explanation.sentence += task.status == .done ? "its rows do not count any more, and " : ""
      explanation.sentence += "its files were removed at \(time)"
    }
    if let lying = try lyingInInbox(task.name, folder: folder) {
      explanation.sentence += "; another file of that name is in the inbox: \(lying.sentence)"
    }
    return explanation
  }

  /// `folder` is where the person says that it lies; nil for the inbox.
  private func lyingInInbox(_ name: String, folder: String?) throws -> Explanation? {
    guard let inbox = try inbox(), try folder.map({ try inbox.isSame(as: $0) }) ?? true else {
      return nil
    }
    guard let entry = try InboxLook.entry(named: name, in: inbox),
      let finding = try look(into: inbox, daemon: daemon()).finding(on: entry)
    else { return nil }
    return Explanation(name: entry.text, reason: finding.reason, sentence: finding.sentence)
  }

  private func unknown(_ name: String, in folder: String?) throws -> Explanation {
    let inbox = try inboxPath()
    if let folder {
      return Explanation(
        name: name, reason: .elsewhere,
        sentence: "it was never taken: \(folder) is not the inbox, \(inbox); watchctl submit puts"
          + " it there")
    }
    return Explanation(
      name: name, reason: .neverSeen,
      sentence: "it was never seen: no task has that id or name, and it does not lie in the inbox,"
        + " \(inbox)")
  }
}

extension Directory {
  /// Whether a path leads to this directory.
  fileprivate func isSame(as path: String) throws(FileError) -> Bool {
    do throws(FileError) {
      let other = try Directory.open(path, create: false).status()
      let own = try status()
      return other.device == own.device && other.inode == own.inode
    } catch  where error.isMissing {
      return false
    }
  }
}
