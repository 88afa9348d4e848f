import Synchronization

/// Whether the daemon was asked to stop; looked at between chunks, so that a large file ends soon.
package final class StopFlag: Sendable {
  private let requested = Atomic(false)

  package init() {}

  package var isRequested: Bool { requested.load(ordering: .acquiring) }

  package func request() { requested.store(true, ordering: .releasing) }

  /// - Throws: `StopRequested`, once it was.
  func check() throws(StopRequested) {
    if isRequested { throw StopRequested() }
  }
}

/// Not a failure of anything: the task goes back to the queue and is taken up at the next start.
struct StopRequested: Error {}
