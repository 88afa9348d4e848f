import Synchronization

/// Says to a long reading that nobody waits for its answer any more: asked between two pieces, from the thread that
/// reads.
package final class PassStop: Sendable {
  private struct State {
    var isStopped = false
    var callbacks: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  package init() {}

  package var isStopped: Bool { state.withLock { $0.isStopped } }

  /// From any thread, any number of times.
  package func stop() {
    let callbacks = state.withLock { state in
      defer { state.callbacks = [] }
      state.isStopped = true
      return state.callbacks
    }
    for callback in callbacks { callback() }
  }

  /// Has something done when it is stopped, or at once where it is already: who waits for another reading wakes up.
  package func whenStopped(_ body: @escaping @Sendable () -> Void) {
    let isStopped = state.withLock { state in
      if !state.isStopped { state.callbacks.append(body) }
      return state.isStopped
    }
    if isStopped { body() }
  }

  /// - Throws: `CancellationError` where it is stopped.
  package func check() throws {
    if isStopped { throw CancellationError() }
  }
}
