import Files
import Synchronization
package import TaskModel
import TaskStore

// What a finished task gives up for its age: its files first, then, with one commit, its rows, rejects and events. Its row in
// the manifest and its fingerprint stay, so it has a status for ever, and the same bytes count no second time. Killed in
// between, the next run meets the task again, and what is gone already is no obstacle.

/// What was removed, or would be.
package struct PruneReport: Hashable, Sendable, Encodable {
  /// Tasks that ended before this.
  package let before: Timestamp
  package let isDryRun: Bool
  package var tasks = 0
  /// Of the database.
  package var rows: Int64 = 0
  /// Originals in the archive; results, rejects and receipts in the outbox.
  package var files = 0
  package var fileBytes: Int64 = 0
  /// By which the database file is shorter.
  package var databaseBytes: Int64 = 0
  /// Tasks of which something could not be removed; they are met again the next time.
  package var left = 0
  /// Why, for the first of them.
  package var trouble: String?

  private enum CodingKeys: String, CodingKey {
    case before
    case isDryRun = "dry_run"
    case tasks
    case rows
    case files
    case fileBytes = "file_bytes"
    case databaseBytes = "database_bytes"
    case left
    case trouble
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(before.description, forKey: .before)
    try container.encode(isDryRun, forKey: .isDryRun)
    try container.encode(tasks, forKey: .tasks)
    try container.encode(rows, forKey: .rows)
    try container.encode(files, forKey: .files)
    try container.encode(fileBytes, forKey: .fileBytes)
    try container.encode(databaseBytes, forKey: .databaseBytes)
    try container.encode(left, forKey: .left)
    try container.encode(trouble, forKey: .trouble)
  }
}

extension Pipeline {
  /// So many tasks share a sync of the folders and a commit, where they are small.
  private static let mostTogether = 256
  /// And so many rows and rejects; a larger task has a commit, or several, of its own.
  private static let mostRowsTogether: Int64 = 50_000

  /// Removes what belongs to tasks that ended before a time, a few at a time, and gives the space back.
  ///
  /// What lies in the outbox goes only where it still is what was published. A task that is being changed, or a file that cannot be
  /// removed, does not hold up the others.
  ///
  /// - Parameters:
  ///   - cutoff: The time.
  ///   - isDryRun: Only looks.
  /// - Returns: What was removed; when the daemon is stopped meanwhile, up to there.
  /// - Throws: What the database or the folders say.
  package func prune(endedBefore cutoff: Timestamp, isDryRun: Bool) throws -> PruneReport {
    try pruning.withLock { _ in
      var report = PruneReport(before: cutoff, isDryRun: isDryRun)
      let outbox = try context.folders.withOutbox(at: context.settings.outbox).outbox
      var place = RetentionPlace.start
      while !retentionStop.isRequested {
        let page = try context.store.kept(
          endedBefore: cutoff, after: place, limit: Self.mostTogether)
        guard let last = page.last else { break }
        place = RetentionPlace(of: last)
        for group in Self.groups(page) {
          if isDryRun {
            try look(at: group, outbox, &report)
          } else {
            try prune(group, endedBefore: cutoff, outbox, &report)
          }
        }
      }
      if !isDryRun { report.databaseBytes = try giveBackSpace() }
      return report
    }
  }

  private static func groups(_ tasks: [StoredTask]) -> [[StoredTask]] {
    var groups: [[StoredTask]] = []
    var room: Int64 = 0
    for task in tasks {
      room -= task.record.rowsRead
      if room < 0 || groups.isEmpty {
        groups.append([])
        room = mostRowsTogether - task.record.rowsRead
      }
      groups[groups.count - 1].append(task)
    }
    return groups
  }

  private func look(
    at group: [StoredTask], _ outbox: Directory, _ report: inout PruneReport
  ) throws {
    report.tasks += group.count
    report.rows += try context.store.rows(of: group)
    for task in group {
      for (folder, name) in try files(of: task, outbox) {
        report.files += 1
        report.fileBytes += try folder.status(of: name)?.size ?? 0
      }
    }
  }

  private func prune(
    _ group: [StoredTask], endedBefore cutoff: Timestamp, _ outbox: Directory,
    _ report: inout PruneReport
  ) throws {
    var removed: [TaskID] = []
    var large: [TaskID] = []
    try reserved(group, &report) { tasks, report in
      for task in tasks {
        do {
          try removeFiles(of: task, outbox, &report)
          removed.append(task.record.taskID)
        } catch let error as FileError {
          report.note("\(error)")
        }
      }
      // Before the manifest says so: what has a pruned task is looked for by nobody.
      try outbox.sync()
      try context.folders.work.sync()
      try context.folders.archive.sync()
      while !removed.isEmpty {
        let pruned = try context.store.prune(removed, endedBefore: cutoff, at: .now())
        large += pruned.large
        report.tasks += pruned.tasks.count
        report.rows += pruned.rows
        removed = pruned.rest
      }
    }
    for task in large {
      // Should it be stopped in between, the next start takes them out; they are unseen.
      if retentionStop.isRequested { return }
      try context.store.removeLeftovers(of: task)
    }
  }

  /// Runs the body with those of the tasks that nobody else changes, and while nobody can.
  private func reserved(
    _ tasks: [StoredTask], _ report: inout PruneReport,
    _ body: ([StoredTask], inout PruneReport) throws -> Void
  ) throws {
    var held: [StoredTask] = []
    defer { for task in held { running.giveBack(task.record.taskID) } }
    for task in tasks {
      do throws(CommandError) {
        try running.take(task.record, stops: false)
      } catch {
        report.note("\(error)")
        continue
      }
      held.append(task)
    }
    // They may have been forgotten or tried again since they were listed.
    let same = try held.filter { task in try context.store.task(task.record.taskID) == task }
    try body(same, &report)
  }

  private func removeFiles(
    of task: StoredTask, _ outbox: Directory, _ report: inout PruneReport
  ) throws {
    for (folder, name) in try files(of: task, outbox) {
      let size = try folder.status(of: name)?.size ?? 0
      guard try folder.remove(name) else { continue }
      report.files += 1
      report.fileBytes += size
    }
    let name = Folders.name(of: task.record.taskID)
    for parent in [context.folders.archive, context.folders.work] {
      try parent.removeDirectory(name)
    }
  }

  /// What a finished task has in the outbox, the receipt last, and in the archive; in `work` where it could not be moved.
  private func files(
    of task: StoredTask, _ outbox: Directory
  ) throws -> [(folder: Directory, name: FileName)] {
    let output = EarlierOutput(of: task, rejects: nil, result: nil)
    var files = try (output?.stillPublished(in: outbox) ?? []).map { (folder: outbox, name: $0) }
    let name = Folders.name(of: task.record.taskID)
    for parent in [context.folders.archive, context.folders.work]
    where try parent.status(of: name) != nil {
      let folder = try parent.directory(name, create: false)
      files += try folder.entries().map { (folder: folder, name: $0) }
    }
    return files
  }

  /// Step by step, for others write in between.
  private func giveBackSpace() throws -> Int64 {
    var given: Int64 = 0
    while !retentionStop.isRequested, case let step = try context.store.giveBackSpace(), step > 0 {
      given += step
    }
    // The file gets shorter with it; where a reader holds it back, with a later one.
    if given > 0 { _ = try context.store.checkpoint(.passive) }
    return given
  }
}

extension PruneReport {
  fileprivate mutating func note(_ sentence: String) {
    left += 1
    trouble = trouble ?? sentence
  }
}
