import Files
import Synchronization

/// Whether work is to end; looked at between chunks, so that a large file ends soon.
///
/// Each look is also a step by which others see that the work moves.
package final class StopFlag: Sendable {
  private let requested = Atomic(false)
  /// Stops this one, too.
  private let parent: StopFlag?
  /// Of the work that looks at it.
  let pulse = Pulse()

  package init() { parent = nil }

  init(under parent: StopFlag) { self.parent = parent }

  package var isRequested: Bool {
    requested.load(ordering: .acquiring) || parent?.isRequested ?? false
  }

  package func request() { requested.store(true, ordering: .releasing) }

  /// - Throws: `StopRequested`, once it was.
  func check() throws(StopRequested) {
    pulse.step()
    if isRequested { throw StopRequested() }
  }
}

/// Not a failure of anything: the task goes back to the queue and is taken up at the next start, or a person took it
/// back.
struct StopRequested: Error {}
