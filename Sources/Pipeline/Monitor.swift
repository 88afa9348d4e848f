import Dispatch
import Files
import Synchronization

/// State that threads wait on: a mutex with a condition, on a monotonic clock.
///
/// A change wakes as many waiters as it says, which look again. For threads of our own only: a wait
/// blocks the thread.
final class Monitor<State: Sendable>: Sendable {
  /// What a waiter decides when it looks at the state.
  enum Look<Result> {
    case ready(Result)
    /// As `ready`, and there is something for one waiter more.
    case readyWithMore(Result)
    /// Nothing yet; look again at the next change, or at the given time if that comes first.
    case wait(until: DispatchTime?)
  }

  private struct Guarded {
    var state: State
    var waiters: [TimedSemaphore] = []

    mutating func takeWaiters(_ most: Int) -> ArraySlice<TimedSemaphore> {
      let taken = waiters.suffix(most)
      waiters.removeLast(taken.count)
      return taken
    }
  }

  private let guarded: Mutex<Guarded>

  init(_ state: State) {
    guarded = Mutex(Guarded(state: state))
  }

  /// Changes the state and wakes waiters: all, or up to so many, the ones that came last first.
  func change<Result: Sendable>(
    waking most: Int = .max, _ body: (inout State) -> Result
  ) -> Result {
    let (result, waiters) = guarded.withLock { guarded in
      let result = body(&guarded.state)
      return (result, guarded.takeWaiters(most))
    }
    for waiter in waiters { waiter.signal() }
    return result
  }

  /// Blocks until `look` is ready.
  ///
  /// What it changes is not announced to the other waiters, but for `readyWithMore`.
  func wait<Result: Sendable>(_ look: (inout State) -> Look<Result>) -> Result {
    while true {
      let semaphore = TimedSemaphore()
      let seen = guarded.withLock { guarded in
        let seen = look(&guarded.state)
        if case .wait = seen { guarded.waiters.append(semaphore) }
        return seen
      }
      switch seen {
      case .ready(let result): return result
      case .readyWithMore(let result):
        change(waking: 1) { _ in }
        return result
      case .wait(let deadline):
        if !semaphore.wait(until: deadline ?? .distantFuture) {
          guarded.withLock { $0.waiters.removeAll { $0 === semaphore } }
        }
      }
    }
  }
}

extension DispatchTime {
  /// So long from now, for the deadline of a wait.
  static func after(_ patience: Duration) -> DispatchTime {
    .now() + .nanoseconds(Int(patience / .nanoseconds(1)))
  }
}
