import Files
import Synchronization
package import TaskModel

/// What the inbox's thread lets others see: for `why`, and for the metrics.
final class Board: Sendable {
  private struct State {
    var directory: Directory
    /// Since when it has been seen to wait, whatever the reasons were since.
    var reasons: [FileName: (reason: Sighting.Reason, since: Timestamp)] = [:]
    var counters = InboxCounters()
    var hindrance: String? = "the inbox is not looked at yet"
    var shortage: String?
  }

  private let state: Mutex<State>

  init(directory: Directory) {
    state = Mutex(State(directory: directory))
  }

  var directory: Directory { state.withLock { $0.directory } }
  var counters: InboxCounters { state.withLock { $0.counters } }
  /// Why no file is taken, whichever it is; nil where files are.
  var hindrance: String? { state.withLock { $0.hindrance } }

  /// What is wanting, space or room in the queue, so that nothing is taken; nil where files are.
  var shortage: String? { state.withLock { $0.shortage } }

  func note(shortage: String?) { state.withLock { $0.shortage = shortage } }

  func move(to directory: Directory) {
    state.withLock { state in
      state.directory = directory
      state.reasons.removeAll()
    }
  }

  /// - Returns: Whether this was not known of the name yet.
  @discardableResult
  func note(_ reason: Sighting.Reason, of name: FileName) -> Bool {
    state.withLock { state in
      let known = state.reasons[name]
      state.reasons[name] = (reason, known?.since ?? .now())
      return known?.reason != reason
    }
  }

  func forget(_ name: FileName) {
    state.withLock { _ = $0.reasons.removeValue(forKey: name) }
  }

  /// What is known to wait, without a look at the directory.
  var waiting: InboxWaiting {
    let entries = state.withLock { Array($0.reasons.values) }
    var waiting = InboxWaiting()
    for (reason, since) in entries {
      waiting.files[reason.kind, default: 0] += 1
      if reason.kind != .ignored { waiting.since = min(waiting.since ?? since, since) }
    }
    return waiting
  }

  func countClaims(_ count: Int) { state.withLock { $0.counters.claimed += count } }
  func countUnhinted() { state.withLock { $0.counters.foundByScanOnly += 1 } }
  func countRescan() { state.withLock { $0.counters.rescans += 1 } }
  func countHints(at time: Timestamp) { state.withLock { $0.counters.lastEvent = time } }
  func setHindrance(_ sentence: String?) { state.withLock { $0.hindrance = sentence } }
  func countOverflows(_ count: Int) { state.withLock { $0.counters.overflows = count } }

  /// Lists the directory anew, and says of each entry why it is still there.
  func sightings() throws -> [Sighting] {
    let (directory, reasons) = state.withLock { ($0.directory, $0.reasons) }
    return try directory.entries().compactMap { name in
      if case .ignored(let reason) = InputName(name) {
        return Sighting(name: name, reason: .name(reason))
      }
      guard let status = try directory.status(of: name) else { return nil }
      guard status.kind == .regular else {
        return Sighting(name: name, reason: .notRegular(status.kind))
      }
      return Sighting(name: name, reason: reasons[name]?.reason ?? .unseen)
    }
  }
}

/// What lies in the inbox and was looked at.
package struct InboxWaiting: Hashable, Sendable {
  package var files: [Sighting.Reason.Kind: Int] = [:]
  /// When the first of those was seen that are to be taken; nil where none waits.
  package var since: Timestamp?
}

/// How the inbox did since its start.
package struct InboxCounters: Hashable, Sendable {
  package var claimed = 0
  /// Overflows of the kernel's event queue.
  package var overflows = 0
  /// Looks through the whole inbox after the first one.
  package var rescans = 0
  /// Files that were taken without any event: at the start, after a loss of events, or where a
  /// network file system gives none.
  package var foundByScanOnly = 0
  /// When the kernel last told of a file; nil before the first one.
  package var lastEvent: Timestamp?
}
