import Foundation
import TestSupport

/// One step by which a process changed files, as `Tests/FaultShim` recorded it.
///
/// Files and folders go by their inodes, so that a name that is renamed or used again misleads nobody. The layout is that of
/// `struct RecordedStep` in `Tests/FaultShim/include/FaultShim.h`.
enum RecordedStep: Sendable {
  case write(UInt64, at: Int, [UInt8])
  case truncate(UInt64, to: Int)
  case create(UInt64, in: UInt64, String)
  case makeFolder(UInt64, in: UInt64, String)
  case rename(from: UInt64, String, to: UInt64, String)
  case link(UInt64, in: UInt64, String)
  case remove(in: UInt64, String)
  case sync(UInt64)
  case syncAll
  case failedSync(UInt64)
  case failedSyncAll

  /// What has to be synced after the step for it to outlive a loss of power; empty for a sync.
  var holders: [UInt64] {
    switch self {
    case .write(let file, _, _), .truncate(let file, _): [file]
    case .create(_, let folder, _), .makeFolder(_, let folder, _), .link(_, let folder, _),
      .remove(let folder, _):
      [folder]
    case .rename(let from, _, let to, _): [from, to]
    case .sync, .syncAll, .failedSync, .failedSyncAll: []
    }
  }

  /// Whether it is a sync that failed.
  var isFailure: Bool {
    switch self {
    case .failedSync, .failedSyncAll: true
    default: false
    }
  }

  /// All steps of a record, in their order.
  static func read(_ path: String) throws -> [RecordedStep] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var steps: [RecordedStep] = []
    var at = 0
    while at < bytes.count {
      let words = (0..<7).map { word in
        bytes[at + 8 * word..<at + 8 * word + 8].reversed().reduce(UInt64(0)) {
          $0 << 8 | UInt64($1)
        }
      }
      let first = at + 56..<at + 56 + Int(words[5])
      let second = first.upperBound..<first.upperBound + Int(words[6])
      steps.append(try RecordedStep(words, Array(bytes[first]), Array(bytes[second])))
      at = second.upperBound
    }
    return steps
  }

  private init(_ words: [UInt64], _ first: [UInt8], _ second: [UInt8]) throws {
    let name = String(decoding: first, as: UTF8.self)
    let (inode, folder, oldFolder, offset) = (words[1], words[2], words[3], Int(words[4]))
    switch words[0] {
    case 1: self = .write(inode, at: offset, first)
    case 2: self = .truncate(inode, to: offset)
    case 3: self = .create(inode, in: folder, name)
    case 4: self = .makeFolder(inode, in: folder, name)
    case 5:
      self = .rename(from: oldFolder, String(decoding: second, as: UTF8.self), to: folder, name)
    case 6: self = .link(inode, in: folder, name)
    case 7: self = .remove(in: folder, name)
    case 8: self = .sync(inode)
    case 9: self = .syncAll
    case 10: self = .failedSync(inode)
    case 11: self = .failedSyncAll
    default: throw NeverHappened("the record holds a step of kind \(words[0])")
    }
  }
}
