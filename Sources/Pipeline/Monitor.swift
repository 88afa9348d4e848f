import Dispatch
import Synchronization

/// State that threads wait on: a mutex with a condition, on a monotonic clock.
///
/// Every change wakes every waiter, which looks again; there are never more waiters than workers, so
/// that costs nothing. For threads of our own only: a wait blocks the thread.
final class Monitor<State: Sendable>: Sendable {
  /// What a waiter decides when it looks at the state.
  enum Look<Result> {
    case ready(Result)
    /// Nothing yet; look again at the next change, or at the given time if that comes first.
    case wait(until: DispatchTime?)
  }

  private struct Guarded {
    var state: State
    var waiters: [DispatchSemaphore] = []
  }

  private let guarded: Mutex<Guarded>

  init(_ state: State) {
    guarded = Mutex(Guarded(state: state))
  }

  /// Changes the state and wakes the waiters.
  func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, waiters) = guarded.withLock { guarded in
      defer { guarded.waiters.removeAll() }
      return (body(&guarded.state), guarded.waiters)
    }
    for waiter in waiters { waiter.signal() }
    return result
  }

  /// Blocks until `look` is ready.
  ///
  /// What it changes is not announced to the other waiters.
  func wait<Result: Sendable>(_ look: (inout State) -> Look<Result>) -> Result {
    while true {
      let semaphore = DispatchSemaphore(value: 0)
      let seen = guarded.withLock { guarded in
        let seen = look(&guarded.state)
        if case .wait = seen { guarded.waiters.append(semaphore) }
        return seen
      }
      switch seen {
      case .ready(let result): return result
      case .wait(let deadline):
        if semaphore.wait(timeout: deadline ?? .distantFuture) == .timedOut {
          guarded.withLock { $0.waiters.removeAll { $0 === semaphore } }
        }
      }
    }
  }
}
