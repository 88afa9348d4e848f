import CSV
import Foundation
import Tally
import TaskModel

/// How the reading of one file is laid out; nothing of a result depends on it.
package struct IngestLimits: Hashable, Sendable {
  /// How many threads read one large file.
  package var members: Int
  /// Bytes read for a piece.
  package var pieceSize: Int
  /// Bytes of a file from which on several threads read it.
  package var sizeForMembers: Int64
  /// What a tally has at least, however many share the budget: an empty one takes a part of it.
  package var leastTallyMemory: Int

  /// Makes limits; the default is a thread a core, eight at most.
  ///
  /// Beyond that they wait for the hash, which only one can compute. A piece of 512 KiB stays in the second-level cache from reading to adding up.
  package init(
    members: Int = min(8, ProcessInfo.processInfo.activeProcessorCount),
    pieceSize: Int = 512 << 10, sizeForMembers: Int64 = 2 << 20,
    leastTallyMemory: Int = 64 << 10
  ) {
    self.leastTallyMemory = leastTallyMemory
    self.members = max(1, members)
    self.pieceSize = max(1, pieceSize)
    self.sizeForMembers = sizeForMembers
  }
}

/// The layout for one file.
struct IngestPlan {
  let members: Int
  let pieceSize: Int
  /// Bytes for one tally.
  let tallyMemory: Int
  /// What the rows in the database depend on besides the file: an attempt with other settings, or of a
  /// version of watchd that reads otherwise, begins anew.
  let settings: String

  /// Divides the budget: an eighth for all brief files together, an eighth for those between brief and large, and the
  /// rest for as many large ones as may be read at a time, each of which has two sets of tallies: one
  /// that is filled and one that is loaded.
  init(fileSize: Int64, settings: Settings, limits: IngestLimits) {
    members = fileSize >= limits.sizeForMembers ? limits.members : 1
    // Of a brief file there is no second piece; buffers for more would have to be asked for and given back.
    pieceSize = fileSize <= WorkQueue.briefSize ? min(64 << 10, limits.pieceSize) : limits.pieceSize
    let share =
      if fileSize <= WorkQueue.briefSize {
        settings.memory / 8 / WorkQueue.lanes
      } else if fileSize < WorkQueue.largeSize {
        settings.memory / 8 / settings.workers
      } else {
        settings.memory / 4 * 3 / max(1, settings.workers - 1)
      }
    tallyMemory = max(limits.leastTallyMemory, share / (members == 1 ? 1 : 2 * members))
    self.settings =
      "1 keep=\(settings.keep) dates=\(settings.dates) max-record=\(settings.maxRecord)"
  }

  /// Makes the reader of one thread.
  func readerMaker(
    _ header: Header, settings: Settings, seed: UInt64, pieces: TallyMemory = TallyMemory()
  ) -> @Sendable () -> PieceReader {
    let (keep, memory, options) = (settings.keep, tallyMemory, CSVOptions(settings))
    let mostRejects = RejectsFile.mostOfPiece(settings)
    return {
      PieceReader(
        header: header, options: options, mostRejects: mostRejects,
        tally: Tally(
          keep: keep == .totals ? .totals : .rows, memory: memory, seed: seed, pieces: pieces))
    }
  }
}

extension CSVOptions {
  init(_ settings: Settings) {
    self.init(maxRecord: settings.maxRecord, dates: settings.dates == .any ? .any : .calendar)
  }
}

extension Int64 {
  /// About how many bytes a file of so many comes to; a packed one is not brief because it is packed.
  func unpacked(as name: FileName) -> Int64 {
    InputName(name) == .gzip ? (self > .max / 16 ? .max : self * 16) : self
  }
}
