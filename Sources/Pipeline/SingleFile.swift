import CSV
package import Files
import PlayRows
import Synchronization
import Tally
package import TaskModel

/// One file processed by itself: no daemon, no database, nothing kept but the result.
///
/// The same reader, sums and merge as for a task; what does not fit in memory lies in a file without a name
/// meanwhile.
package struct SingleFile {
  /// What came of the file.
  package struct Outcome: Sendable {
    package let rowsRead: Int64
    package let rowsRejected: Int64
    /// The first 10,000 rejected records.
    package let rejects: [RejectedRecord]
    /// What ends the file; what was written of the result is none.
    package let failure: FileFailure?
  }

  private let settings: Settings
  private let plan: IngestPlan
  private let reading: Reading
  private let header: Header?
  private var scratch: ScratchFile?
  private var runs: [any SortedRun] = []
  private let directory: Directory

  /// Reads the header of a file.
  ///
  /// - Parameters:
  ///   - file: Open, at its beginning; maybe a pipe.
  ///   - isPacked: Whether it is gzip.
  ///   - settings: Of reading and writing; folders and workers do not matter.
  ///   - directory: Where sums that do not fit in memory may lie.
  /// - Throws: What the file system says; what is wrong with the file comes with the outcome.
  package init(
    _ file: consuming OpenFile, isPacked: Bool, settings: Settings, scratchIn directory: Directory
  ) throws {
    let status = try file.status()
    // What the size of a pipe is only its end will tell.
    let size = status.kind == .regular ? status.size : .max
    plan = IngestPlan(fileSize: size, settings: settings, limits: IngestLimits())
    self.settings = settings
    self.directory = directory
    var feed = RecordFeed(
      try InputFile(file, isPacked: isPacked), options: CSVOptions(settings),
      pieceSize: plan.pieceSize, stop: StopFlag())
    try feed.begin()
    header = feed.header
    let rejects = RejectsFile(
      of: .make(), in: nil, settings: settings, space: DiskSpace(of: [], minimum: 0))
    reading = Reading(
      ledger: Ledger(firstLine: feed.firstLine, rejects: rejects), feed: feed,
      settings: plan.settings, stop: StopFlag())
  }

  /// Reads everything, and writes the result where nothing ends the file.
  ///
  /// - Parameter write: Takes the bytes of the result, piece by piece; returns false where nobody wants
  ///   more.
  /// - Returns: What came of it.
  /// - Throws: What `write` throws, and what the file system says.
  package mutating func run(_ write: ([UInt8]) throws -> Bool) throws -> Outcome {
    if let header { try read(header) }
    if let failure = reading.failure { return outcome(failure) }
    do {
      try writeResult(write)
    } catch let failure as FileFailure {
      return outcome(failure)
    }
    return outcome(nil)
  }

  private func outcome(_ failure: FileFailure?) -> Outcome {
    reading.ledger.withLock { ledger in
      Outcome(
        rowsRead: ledger.rowsRead, rowsRejected: ledger.rowsRejected,
        rejects: ledger.rejects.takePending(), failure: failure)
    }
  }

  private mutating func read(_ header: Header) throws {
    let reader = plan.readerMaker(header, settings: settings, seed: .random(in: .min ... .max))
    try reading.start(members: plan.members, makeReader: reader)
    let parts = try reading.lastParts(patience: .seconds(3600)) {
    } keep: { set in
      try keep(set)
    }
    runs += parts.map { $0.makeRun() } as [any SortedRun]
  }

  private mutating func keep(_ set: RunSet) throws {
    var block = RowBlock(limit: 1 << 20)
    var encoder = RowEncoder()
    var scratch = try scratch ?? ScratchFile(of: .make(), in: directory)
    for part in set.parts where !part.isEmpty {
      var run = part.makeRun()
      let start = scratch.size
      while true {
        block.removeAll()
        run.fill(&block)
        if block.isEmpty { break }
        try scratch.append(block, by: &encoder)
      }
      runs.append(scratch.run(from: start))
    }
    self.scratch = scratch
  }

  private func writeResult(_ write: ([UInt8]) throws -> Bool) throws {
    var merge = try RunMerge(runs, memory: settings.memory)
    var text = ResultText(settings)
    var block = RowBlock(limit: 1 << 20)
    while true {
      block.removeAll()
      try merge.fillOrFail(&block)
      if block.isEmpty { break }
      var place = 0
      while text.append(block, from: &place) {
        guard try write(text.bytes) else { return }
        text.removeAll()
      }
    }
    let playsSum = reading.ledger.withLock { $0.playsSum }
    guard merge.playsSum == playsSum else {
      throw FileFailure.sumsDiffer(read: playsSum, result: merge.playsSum)
    }
    _ = try write(text.bytes)
  }
}
