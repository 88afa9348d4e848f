import Synchronization

/// Whether a piece of work moves: it counts its steps, and says when it waits for what is not up to it.
///
/// A step is something that cannot be taken for ever: a file looked at, a piece read, a batch committed. Who
/// only turns round waiting takes none. So a count that stands still while nothing is waited for is a piece of work
/// that hangs.
package final class Pulse: Sendable {
  package struct State: Hashable, Sendable {
    package var steps: UInt64
    /// Until when it waits, at the latest; nil while it is at work.
    package var waitsUntil: SuspendingClock.Instant?

    package init(steps: UInt64, waitsUntil: SuspendingClock.Instant? = nil) {
      self.steps = steps
      self.waitsUntil = waitsUntil
    }
  }

  private let guarded = Mutex(State(steps: 0))

  package init() {}

  package var state: State { guarded.withLock { $0 } }

  package func step() { guarded.withLock { $0.steps &+= 1 } }

  /// Runs what only waits, which is to be over at the deadline; its end is a step.
  package func waiting<Result>(
    until deadline: SuspendingClock.Instant, _ body: () throws -> Result
  ) rethrows -> Result {
    guarded.withLock { $0.waitsUntil = deadline }
    defer {
      guarded.withLock { state in
        state.waitsUntil = nil
        state.steps &+= 1
      }
    }
    return try body()
  }
}
