import Files
import Tally
import TaskModel
import TaskStore

/// The result of a file, whole and synced under its hidden name, with what is to be checked of it.
struct Totals {
  let file: SealedFile
  let groups: Int64
  let playsSum: Int128
  /// The order of the groups in the tally, for whoever writes its rows to the database; nil
  /// where all rows are there already.
  let sorted: SortedGroups?

  /// Writes the result: from the tally where it held everything, else from the merged runs.
  ///
  /// - Throws: `FileFailure(.sumOverflow)`, or the machine's errors.
  init(of task: TaskRecord, _ ingest: inout Ingest, context: PipelineContext) throws {
    var result = try ResultFile(
      of: task.taskID, in: context.folders.outbox, settings: context.settings)
    if ingest.hasSpilled {
      if !ingest.tally.isEmpty { try ingest.spill() }
      try context.store.withRuns(of: task.taskID) { runs in
        var merge = try RunMerge(runs)
        try unsafe merge.forEachGroup { song, date, sum in
          if result.groups & 0xFFFF == 0 { try context.stop.check() }
          try unsafe result.append(song: song, date: date, sum: sum)
        }
      }
      sorted = nil
    } else {
      let sorted = ingest.tally.sorted()
      try unsafe ingest.tally.forEachGroup(sorted) { song, date, sum in
        try unsafe result.append(song: song, date: date, sum: sum)
      }
      self.sorted = sorted
    }
    groups = result.groups
    playsSum = result.playsSum
    file = try result.seal()
  }

  /// What is checked before anything is published: each row counted, each play counted once.
  ///
  /// - Returns: The defect, if there is one; nothing of the file is then published or counted.
  func contradiction(to ingest: borrowing Ingest) -> FileFailure? {
    let progress = ingest.progress
    let accepted = progress.rowsRead - progress.rowsRejected
    if accepted != ingest.rowsAccepted {
      return FileFailure(
        .internal,
        "\(progress.rowsRead) rows were read and \(progress.rowsRejected) rejected, but"
          + " \(ingest.rowsAccepted) were added up; please report this, it is a defect of watchd.")
    }
    if playsSum != ingest.tally.playsSum {
      return FileFailure(
        .internal,
        "The plays read add up to \(ingest.tally.playsSum), the result's to \(playsSum);"
          + " please report this, it is a defect of watchd.")
    }
    return nil
  }
}
