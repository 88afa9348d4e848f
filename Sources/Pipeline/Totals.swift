import Files
import PlayRows
import Tally
import TaskModel
import TaskStore

/// The result of a file, whole and synced under its hidden name, with what is to be checked of it.
struct Totals: ~Copyable {
  let file: SealedFile
  let groups: Int64
  let playsSum: Int128
  /// What the last commit is to be told of the rows, and those that go with it.
  let lastRows: LastRows
  let lastBlock: RowBlock

  /// Bytes of rows that are merged, written to the result and loaded at a time.
  private static let groupBlock = 4 << 20

  /// Writes the result, and what is not yet in the database to it, but for a block that goes with the last
  /// commit where it is all there is.
  ///
  /// What fits one block is written by this thread. Else the result is merged and written by a thread of its own
  /// while this one loads.
  ///
  /// - Throws: `FileFailure(.sumOverflow)`, or the machine's errors.
  static func write(
    of task: TaskRecord, _ ingest: inout Ingest, context: PipelineContext
  ) throws -> Totals {
    let settings = context.settings
    // Of a file that fitted in memory the database gets the merged groups, and of any other its runs.
    let loadsGroups = !ingest.hasSpilled && settings.keep == .totals
    let writer = try makeWriter(of: task, ingest, context: context)
    ingest.result = writer
    let lastRows: LastRows
    var block = RowBlock(limit: groupBlock)
    try writer.merge(into: &block)
    try writer.write(block)
    // The last commit finds it out by itself; to know it before saves inserting rows that will not count.
    let isCounted =
      try (block.isFull || !loadsGroups)
      && (context.store.isCounted(
        sha256: ingest.sha256, onDuplicate: settings.onDuplicate))
    if isCounted {
      var told = ContinuousClock.now
      while !block.isEmpty {
        try writer.merge(into: &block)
        try writer.write(block)
        if .now - told >= Ingest.progressInterval {
          try ingest.tellProgress()
          told = .now
        }
      }
      lastRows = .leftOut
    } else if block.isFull {
      let first = BlockBox(consume block, run: ingest.runs + 1)
      try load(&ingest, first: first, loadsGroups: loadsGroups, whileWriting: writer)
      block = RowBlock(limit: 1)
      lastRows = .none
    } else if loadsGroups {
      ingest.beginRun()
      lastRows = .batch(run: ingest.runs)
    } else {
      try ingest.load(ingest.lastParts)
      block.removeAll()
      lastRows = .none
    }
    return Totals(
      file: try writer.seal(), groups: writer.groups, playsSum: writer.playsSum,
      lastRows: lastRows, lastBlock: block)
  }

  private static func makeWriter(
    of task: TaskRecord, _ ingest: borrowing Ingest, context: PipelineContext
  ) throws -> ResultWriter {
    let merge = try RunMerge(ingest.allRuns(), memory: context.settings.memory)
    let file = try ResultFile(
      of: task.taskID, in: context.folders.outbox, settings: context.settings)
    return ResultWriter(merge, file: file, stop: context.stop, space: context.space)
  }

  /// Loads the last sums while the rest of the result is merged, by one thread, and written, by another.
  ///
  /// - Parameters:
  ///   - ingest: What was read.
  ///   - first: The first groups of the result.
  ///   - loadsGroups: Whether the database gets the groups, and not the runs.
  ///   - writer: Writes the rest.
  /// - Throws: As `write`.
  private static func load(
    _ ingest: inout Ingest, first: BlockBox, loadsGroups: Bool,
    whileWriting writer: ResultWriter
  ) throws {
    let merged = BlockChannel(blocks: 4, limit: groupBlock)
    let written = BlockChannel(blocks: 0, limit: groupBlock)
    let (run, owner) = (first.run, try ingest.rowOwner())
    let merging = try BackgroundWork(named: "merge", yieldsToOthers: true) {
      defer { merged.close() }
      while let box = merged.takeEmpty() {
        try writer.merge(into: &box.block)
        box.run = run
        if box.block.isEmpty { return }
        merged.put(box)
      }
    }
    let writing: BackgroundWork<Void, any Error>
    do throws(FileError) {
      writing = try BackgroundWork(named: "result", yieldsToOthers: true) {
        defer {
          written.close()
          merged.abandon()
        }
        while let box = merged.takeFull() {
          try writer.write(box.block)
          if loadsGroups {
            box.image = RowImage(of: box.block, owner: owner)
            written.put(box)
          } else {
            merged.giveBack(box)
          }
        }
      }
    } catch {
      merged.abandon()
      _ = merging.join()
      throw error
    }
    do {
      if loadsGroups {
        ingest.beginRun()
        try ingest.append(first)
        while let box = written.takeFull() {
          try ingest.append(box)
          merged.giveBack(box)
        }
      } else {
        try ingest.load(ingest.lastParts)
      }
      while !writing.hasEnded(within: Ingest.progressInterval) { try ingest.tellProgress() }
    } catch {
      merged.abandon()
      _ = (merging.join(), writing.join())
      throw error
    }
    let (mergeEnd, writeEnd) = (merging.join(), writing.join())
    try writeEnd.get()
    try mergeEnd.get()
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
    if playsSum != ingest.playsSum {
      return .sumsDiffer(read: ingest.playsSum, result: playsSum)
    }
    return nil
  }
}
