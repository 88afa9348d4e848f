import Files
import PlayRows
import Synchronization
import Tally
import TaskModel
import TaskStore

/// Merges the runs of a file into its groups, and writes them to its result, block by block.
///
/// Why it may be sent (`@unchecked Sendable`): one thread merges and one writes, and those are two members that have
/// nothing in common; whoever made it waits for both before it asks for more.
final class ResultWriter: @unchecked Sendable {
  private var merge: RunMerge
  private var file: ResultFile
  private let stop: StopFlag
  private let space: DiskSpace

  init(
    _ merge: consuming RunMerge, file: consuming ResultFile, stop: StopFlag, space: DiskSpace
  ) {
    self.space = space
    self.merge = merge
    self.file = file
    self.stop = stop
  }

  /// How many groups are in the result by now, for whoever looks on.
  private let written = Atomic<Int64>(0)
  var groupsWritten: Int64 { written.load(ordering: .relaxed) }

  var groups: Int64 { merge.groupCount }
  var playsSum: Int128 { merge.playsSum }

  /// Fills a block, which is emptied first, with the next groups; it stays empty at the end.
  ///
  /// - Throws: `FileFailure(.sumOverflow)`, `StopRequested`, or the machine's errors.
  func merge(into block: inout RowBlock) throws {
    try stop.check()
    block.removeAll()
    try merge.fillOrFail(&block)
  }

  /// - Throws: `SpaceShortage`, or what the file system says.
  func write(_ block: borrowing RowBlock) throws {
    try space.check()
    try file.append(block)
    written.add(Int64(block.count), ordering: .relaxed)
  }

  func seal() throws(FileError) -> SealedFile { try file.seal() }
}

extension StoredRun: SortedRun {}

extension RunMerge {
  /// Merges runs within an eighth of the budget: a few have 256 KiB each in memory, many share it, and for each a quarter
  /// more is read ahead.
  init(_ runs: [any SortedRun], memory: Int) throws {
    let share = memory / 10 / max(1, runs.count)
    try self.init(runs, blockSize: max(4 << 10, min(256 << 10, share)))
  }

  /// As `fill`; a sum that does not fit is the file's failure.
  mutating func fillOrFail(_ block: inout RowBlock) throws {
    do {
      try fill(&block)
    } catch let overflow as SumOverflow {
      throw FileFailure.sumOverflow(overflow)
    }
  }
}

extension FileFailure {
  /// The plays of the rows that were read are not those of the result.
  static func sumsDiffer(read: Int128, result: Int128) -> FileFailure {
    FileFailure(
      .internal,
      "The plays read add up to \(read), the result's to \(result);"
        + " please report this, it is a defect of watchd.")
  }

  fileprivate static func sumOverflow(_ overflow: SumOverflow) -> FileFailure {
    func shown(_ bytes: [UInt8]) -> String {
      let text = String(decoding: bytes.prefix(100), as: UTF8.self).escapedForTerminal
      return bytes.count > 100 ? text + "..." : text
    }
    return FileFailure(
      .sumOverflow,
      "The plays of \"\(shown(overflow.song))\" on \"\(shown(overflow.date))\" add up to"
        + " \(overflow.sum), which does not fit 64 bits; correct the numbers or send the rows in several"
        + " files.")
  }
}
