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

  /// Makes limits; the default is a thread a core, eight at most.
  ///
  /// Beyond that they wait for the hash, which only one can compute. A piece of 512 KiB stays in the second-level cache from reading to adding up.
  package init(
    members: Int = min(8, ProcessInfo.processInfo.activeProcessorCount),
    pieceSize: Int = 512 << 10, sizeForMembers: Int64 = 2 << 20
  ) {
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

  /// What a tally has at least, however many share the budget: an empty one takes a part of it.
  private static let leastMemory = 64 << 10

  /// Divides the budget: an eighth for the small files, the rest for as many large ones as may be read
  /// at a time, each of which has two sets of tallies: one that is filled and one that is loaded.
  init(fileSize: Int64, settings: Settings, limits: IngestLimits) {
    let isLarge = fileSize >= limits.sizeForMembers
    members = isLarge ? limits.members : 1
    pieceSize = limits.pieceSize
    let share: Int
    if isLarge {
      let large = settings.workers > 1 ? settings.memory / 8 * 7 : settings.memory
      share = large / max(1, settings.workers - 1) / (members == 1 ? 1 : 2 * members)
    } else {
      share = settings.memory / 8 / settings.workers
    }
    tallyMemory = max(Self.leastMemory, share)
    self.settings =
      "1 keep=\(settings.keep) dates=\(settings.dates) max-record=\(settings.maxRecord)"
  }

  /// Makes the reader of one thread.
  func readerMaker(
    _ header: Header, settings: Settings, seed: UInt64
  ) -> @Sendable () -> PieceReader {
    let (keep, memory, options) = (settings.keep, tallyMemory, CSVOptions(settings))
    return {
      PieceReader(header: header, options: options) {
        Tally(keep: keep == .totals ? .totals : .rows, memory: memory, seed: seed)
      }
    }
  }
}

extension CSVOptions {
  init(_ settings: Settings) {
    self.init(maxRecord: settings.maxRecord, dates: settings.dates == .any ? .any : .calendar)
  }
}
