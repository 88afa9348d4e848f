import Foundation
import TestSupport

/// What goes wrong in a daemon, and at which of its calls: what `Tests/FaultShim` is told.
struct Fault: Sendable, CustomStringConvertible {
  /// Calls that are counted together.
  enum Calls: String, CaseIterable, Sendable {
    case sync
    case write
    case rename
    case unlink
    case mkdir
    case truncate
    /// An open(2) that may make a file.
    case create
    case open
    /// An open(2) for writing.
    case writable
    /// A sync_file_range(2): the disk is asked to begin.
    case flush
  }

  enum Action: String, Sendable {
    /// Nothing goes wrong.
    case count
    case killBefore = "kill-before"
    case killAfter = "kill-after"
    case stop
    /// The thread that makes the call never comes back.
    case hang
    /// One call fails.
    case fail
    /// That call and all later ones fail.
    case failOn = "fail-on"
  }

  let action: Action
  let calls: [Calls]
  /// From 1; 0 to only count.
  let number: Int
  /// errno(3), for the actions that fail.
  var code: Int32 = 0
  /// What the call's path must contain, or, with a `$` behind it, end with; empty for any.
  var path = ""

  var description: String {
    let names = calls.map(\.rawValue).joined(separator: "/")
    return "\(action.rawValue) at \(names) \(number)" + (code == 0 ? "" : " with errno \(code)")
  }

  func environment(report: String) -> [String: String] {
    let chosen = [
      "LD_PRELOAD": Programs.preloaded, "FAULT_CALLS": calls.map(\.rawValue).joined(separator: ","),
      "FAULT_AT": "\(number)", "FAULT_ACTION": action.rawValue, "FAULT_ERRNO": "\(code)",
      "FAULT_REPORT": report,
    ]
    return path.isEmpty ? chosen : chosen.merging(["FAULT_PATH": path]) { $1 }
  }
}

/// What the library says of the process in which it ran, also after that was killed.
///
/// The layout is that of `struct FaultReport` in `Tests/FaultShim/include/FaultShim.h`.
struct FaultReport: Sendable {
  /// How many calls of the chosen kinds were made.
  let calls: Int
  /// How many of them met the fault.
  let faults: Int
  /// The first one that did.
  let first: String

  init(path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    guard bytes.count == 1024 else {
      throw NeverHappened("the program ran without the fault library: \(bytes.count) bytes")
    }
    calls = Self.number(bytes[0..<8])
    faults = Self.number(bytes[8..<16])
    first = String(decoding: bytes[16...].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Both are in the byte order of the machine, which is that of the test.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

extension Sandbox {
  /// Runs `watchd --once` until it ends or the fault ends it.
  func once(
    _ flags: [String], meeting fault: Fault, within limit: Duration = .seconds(300)
  ) async throws -> (outcome: Outcome, report: FaultReport) {
    let report = desk + "/report-\(UUID().uuidString)"
    let outcome = try await once(
      flags, environment: fault.environment(report: report), within: limit)
    return (outcome, try FaultReport(path: report))
  }
}
