import Synchronization

/// Whether work is to end; looked at between chunks, so that a large file ends soon.
package final class StopFlag: Sendable {
  private let requested = Atomic(false)
  /// Stops this one, too.
  private let parent: StopFlag?

  package init() { parent = nil }

  init(under parent: StopFlag) { self.parent = parent }

  package var isRequested: Bool {
    requested.load(ordering: .acquiring) || parent?.isRequested ?? false
  }

  package func request() { requested.store(true, ordering: .releasing) }

  /// - Throws: `StopRequested`, once it was.
  func check() throws(StopRequested) {
    if isRequested { throw StopRequested() }
  }
}

/// Not a failure of anything: the task goes back to the queue and is taken up at the next start, or a person took it
/// back.
struct StopRequested: Error {}
