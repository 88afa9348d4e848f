import DequeModule
import Dispatch
import TaskModel

/// The tasks that wait for a worker.
///
/// Fair: at most all workers but one have large files at a time, so that a small file does not wait
/// for a large one; within a class the task that came first goes first. With a single worker there
/// is nothing to keep free, and it takes the small ones first.
final class WorkQueue: Sendable {
  /// A file of at least so many bytes takes a worker tenths of a second and more.
  private static let largeSize: Int64 = 16 << 20

  struct Entry: Hashable, Sendable {
    let taskID: TaskID
    let size: Int64

    var isLarge: Bool { size >= WorkQueue.largeSize }
  }

  private struct Delayed: Sendable {
    let entry: Entry
    let until: DispatchTime
  }

  private struct State: Sendable {
    var small: Deque<Entry> = []
    var large: Deque<Entry> = []
    var delayed: [Delayed] = []
    var running = 0
    var largeRunning = 0
    /// Nothing more will be added from outside: workers end when nothing is left.
    var isClosed = false
    /// Workers end now.
    var isStopped = false
  }

  private let mostLarge: Int
  private let monitor = Monitor(State())

  init(workers: Int) {
    mostLarge = max(1, workers - 1)
  }

  func add(_ entries: [Entry]) {
    monitor.change { state in
      for entry in entries { Self.enqueue(entry, &state) }
    }
  }

  /// Waits for a task; nil when the worker is to end.
  func take() -> Entry? {
    monitor.wait { [mostLarge] state in
      if state.isStopped { return .ready(nil) }
      Self.release(&state, at: .now())
      if let entry = state.small.popFirst() { return .ready(Self.begin(entry, &state)) }
      if state.largeRunning < mostLarge, let entry = state.large.popFirst() {
        return .ready(Self.begin(entry, &state))
      }
      // A running task may come back, so the queue is at its end only when none runs.
      let isDone =
        state.isClosed && state.delayed.isEmpty && state.large.isEmpty
        && state.running == 0
      if isDone { return .ready(nil) }
      return .wait(until: state.delayed.map(\.until).min())
    }
  }

  /// Says that the worker is through with a task, for good or to take it up again after a delay.
  func end(_ entry: Entry, retryAfter delay: Duration? = nil) {
    monitor.change { state in
      state.running -= 1
      if entry.isLarge { state.largeRunning -= 1 }
      guard let delay else { return }
      state.delayed.append(Delayed(entry: entry, until: .now() + delay.dispatchInterval))
    }
  }

  func close() { monitor.change { $0.isClosed = true } }

  func stop() { monitor.change { $0.isStopped = true } }

  /// Waits until some other task has ended, or a while, or a stop.
  func awaitChange(atMost duration: Duration) {
    let deadline = DispatchTime.now() + duration.dispatchInterval
    var isFirst = true
    monitor.wait { state in
      if state.isStopped || (!isFirst) || DispatchTime.now() >= deadline { return .ready(()) }
      isFirst = false
      return .wait(until: deadline)
    }
  }

  private static func enqueue(_ entry: Entry, _ state: inout State) {
    if entry.isLarge { state.large.append(entry) } else { state.small.append(entry) }
  }

  private static func begin(_ entry: Entry, _ state: inout State) -> Entry {
    state.running += 1
    if entry.isLarge { state.largeRunning += 1 }
    return entry
  }

  private static func release(_ state: inout State, at now: DispatchTime) {
    guard !state.delayed.isEmpty else { return }
    for delayed in state.delayed where delayed.until <= now { enqueue(delayed.entry, &state) }
    state.delayed.removeAll { $0.until <= now }
  }
}

extension Duration {
  var dispatchInterval: DispatchTimeInterval {
    let (seconds, attoseconds) = components
    return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
  }
}
