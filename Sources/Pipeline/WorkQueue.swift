import DequeModule
import Dispatch
import Files
import TaskModel

/// The tasks that wait for a worker.
///
/// Fair: at most all workers but one have large files at a time, so that a small file does not wait
/// for a large one; within a class the task that came first goes first. With a single worker there
/// is nothing to keep free, and it takes the small ones first.
///
/// A brief file hardly reckons, it waits for the disk; many at a time wait together, and share its syncs. So
/// there are `lanes` for them besides the workers: threads that wait.
///
/// Bounded: whoever adds asks first whether there `isRoom`. It is not checked here, for what is recorded has to be
/// queued.
final class WorkQueue: Sendable {
  /// A file of at least so many bytes takes a worker tenths of a second and more.
  static let largeSize: Int64 = 16 << 20
  /// A file of at most so many bytes is parsed in about the time of a sync.
  static let briefSize: Int64 = 256 << 10
  /// How many brief files are on their way at a time, at most.
  static let lanes = 32

  struct Entry: Hashable, Sendable {
    let taskID: TaskID
    let size: Int64
    /// At how many ends of the process it was in hand, where it has to wait for all others (`Suspicion`); else 0.
    var suspicion: Int64 = 0

    var isLarge: Bool { size >= WorkQueue.largeSize }
    var isBrief: Bool { size <= WorkQueue.briefSize }
  }

  private struct Delayed: Sendable {
    let entry: Entry
    let until: DispatchTime
  }

  private struct State: Sendable {
    var brief: Deque<Entry> = []
    var small: Deque<Entry> = []
    var large: Deque<Entry> = []
    /// Begun when no other waits or runs, the least suspect first, and what lay in the inbox was taken.
    var suspects: [Entry] = []
    var isInboxTaken = false
    var delayed: [Delayed] = []
    var briefRunning = 0
    var smallRunning = 0
    var largeRunning = 0
    /// How many were ever taken.
    var taken: UInt64 = 0
    /// A task that is not brief has ended, and since then there was no rest.
    var hasWorked = false
    /// There is no room until half of the tasks are gone.
    var isFull = false
    /// Nothing more will be added from outside: workers end when nothing is left.
    var isClosed = false
    /// Workers end now.
    var isStopped = false

    var mayTakeSuspect: Bool {
      !suspects.isEmpty && running == 0 && (isInboxTaken || isClosed)
    }
    var hasOthers: Bool { !brief.isEmpty || !small.isEmpty || !large.isEmpty }
    var isEmpty: Bool { !hasOthers && suspects.isEmpty && delayed.isEmpty }
    var waiting: Int { brief.count + small.count + large.count + suspects.count + delayed.count }
    var running: Int { briefRunning + smallRunning + largeRunning }
  }

  /// For those who wait until some task has ended.
  private struct Ends: Sendable {
    var count = 0
    var isStopped = false
  }

  private let workers: Int
  private let mostLarge: Int
  private let mostWaiting: Int
  private let monitor = Monitor(State())
  private let ends = Monitor(Ends())

  /// - Parameters:
  ///   - workers: How many files that are not brief are processed at a time.
  ///   - mostWaiting: From so many waiting tasks on there is no room.
  init(workers: Int, mostWaiting: Int = QueueFull.most) {
    self.workers = workers
    self.mostWaiting = mostWaiting
    mostLarge = max(1, workers - 1)
  }

  /// How many threads there are to be that take from it.
  var threads: Int { workers + Self.lanes }

  /// Wakes one worker, who wakes the next if it leaves something.
  func add(_ entries: [Entry]) {
    monitor.change(waking: 1) { state in
      for entry in entries { Self.enqueue(entry, &state) }
    }
  }

  /// Waits for a task; nil when the worker is to end.
  func take() -> Entry? {
    monitor.wait { state in
      if state.isStopped { return .readyWithMore(nil) }
      Self.release(&state, at: .now())
      if let entry = next(&state) {
        state.taken &+= 1
        return state.isEmpty ? .ready(entry) : .readyWithMore(entry)
      }
      // A running task may come back, so the queue is at its end only when none runs.
      if state.isClosed, state.isEmpty, state.running == 0 { return .readyWithMore(nil) }
      return .wait(until: state.delayed.map(\.until).min())
    }
  }

  /// Says that the worker is through with a task, for good or to take it up again after a delay.
  ///
  /// The worker comes back for the next one, so that what its end makes possible needs no other.
  func end(_ entry: Entry, retryAfter delay: Duration? = nil) {
    monitor.change(waking: 1) { state in
      if entry.isBrief {
        state.briefRunning -= 1
      } else if entry.isLarge {
        state.largeRunning -= 1
      } else {
        state.smallRunning -= 1
      }
      if !entry.isBrief { state.hasWorked = true }
      guard let delay else { return }
      state.delayed.append(Delayed(entry: entry, until: .now() + delay.dispatchInterval))
    }
    ends.change { $0.count += 1 }
  }

  /// True where nothing runs or waits to, and more may come: once after tasks of which one was not brief.
  ///
  /// Whichever of them ends last: after a large file most often a brief one does.
  func comesToRest() -> Bool {
    monitor.change(waking: 0) { state in
      guard state.hasWorked, state.running == 0, !state.hasOthers, !state.isClosed,
        !state.isStopped
      else { return false }
      state.hasWorked = false
      return true
    }
  }

  /// Throws `QueueFull` where more tasks wait than are to, and from then on until half of them are gone.
  func requireRoom() throws(QueueFull) {
    let full: QueueFull? = monitor.change(waking: 0) { state in
      if state.waiting >= mostWaiting { state.isFull = true }
      // Once it is stopped nobody makes room, and nobody is to wait for it.
      return state.isFull && !state.isStopped
        ? QueueFull(waiting: state.waiting, resumesAt: mostWaiting / 2) : nil
    }
    if let full { throw full }
  }

  /// True once after half of what filled the queue is gone.
  func comesToHaveRoom() -> Bool {
    monitor.change(waking: 0) { state in
      guard state.isFull, state.waiting <= mostWaiting / 2 else { return false }
      state.isFull = false
      return true
    }
  }

  /// How many tasks wait, and whether a worker that could take one does.
  var activity: (waiting: Int, pulse: Pulse.State) {
    monitor.change(waking: 0) { state in
      let isIdle = state.isStopped || !mayTake(state, at: .now())
      return (
        state.waiting,
        Pulse.State(steps: state.taken, waitsUntil: isIdle ? .now : nil)
      )
    }
  }

  /// Says that the first look through the inbox is over.
  func noteInboxTaken() { monitor.change(waking: 1) { $0.isInboxTaken = true } }

  func close() { monitor.change { $0.isClosed = true } }

  func stop() {
    monitor.change { $0.isStopped = true }
    ends.change { $0.isStopped = true }
  }

  /// Waits until some other task has ended, or a while, or a stop.
  func awaitChange(atMost duration: Duration) {
    let deadline = DispatchTime.now() + duration.dispatchInterval
    let seen = ends.change(waking: 0) { $0.count }
    ends.wait { ends in
      let isOver = ends.isStopped || ends.count != seen || DispatchTime.now() >= deadline
      return isOver ? .ready(()) : .wait(until: deadline)
    }
  }

  private static func enqueue(_ entry: Entry, _ state: inout State) {
    if entry.suspicion > 0 {
      let place = state.suspects.firstIndex { $0.suspicion > entry.suspicion }
      state.suspects.insert(entry, at: place ?? state.suspects.endIndex)
    } else if entry.isBrief {
      state.brief.append(entry)
    } else if entry.isLarge {
      state.large.append(entry)
    } else {
      state.small.append(entry)
    }
  }

  /// Takes the next task that may run now.
  private func next(_ state: inout State) -> Entry? {
    if state.briefRunning < Self.lanes, let entry = state.brief.popFirst() {
      state.briefRunning += 1
      return entry
    }
    guard state.smallRunning + state.largeRunning < workers else { return nil }
    if let entry = state.small.popFirst() {
      state.smallRunning += 1
      return entry
    }
    if state.largeRunning < mostLarge, let entry = state.large.popFirst() {
      state.largeRunning += 1
      return entry
    }
    guard !state.hasOthers, state.mayTakeSuspect else { return nil }
    let entry = state.suspects.removeFirst()
    if entry.isBrief {
      state.briefRunning += 1
    } else if entry.isLarge {
      state.largeRunning += 1
    } else {
      state.smallRunning += 1
    }
    return entry
  }

  /// Whether `take` would give one; without a copy of what may be a long queue.
  private func mayTake(_ state: State, at now: DispatchTime) -> Bool {
    let due = state.delayed.filter { $0.until <= now }.map(\.entry)
    let hasBrief = !state.brief.isEmpty || due.contains { $0.isBrief }
    let hasLarge = !state.large.isEmpty || due.contains { $0.isLarge }
    let hasSmall = !state.small.isEmpty || due.contains { !$0.isBrief && !$0.isLarge }
    if hasBrief, state.briefRunning < Self.lanes { return true }
    guard state.smallRunning + state.largeRunning < workers else { return false }
    return hasSmall || hasLarge && state.largeRunning < mostLarge
      || state.mayTakeSuspect
  }

  private static func release(_ state: inout State, at now: DispatchTime) {
    guard !state.delayed.isEmpty else { return }
    for delayed in state.delayed where delayed.until <= now { enqueue(delayed.entry, &state) }
    state.delayed.removeAll { $0.until <= now }
  }
}

/// More tasks wait than are to be taken into the queue: nothing is wrong with any file, and nothing was lost.
package struct QueueFull: Error, Hashable, Sendable, CustomStringConvertible {
  /// How many tasks may wait before no more are taken.
  package static let most = 100_000
  /// And how many still wait when more are taken again, so that it is not one by one.
  package static let resumesAt = most / 2

  package let waiting: Int
  package let resumesAt: Int

  package init(waiting: Int, resumesAt: Int = QueueFull.resumesAt) {
    self.waiting = waiting
    self.resumesAt = resumesAt
  }

  package var description: String {
    "it waits for room in the queue, in which \(waiting) files are; more are taken when \(resumesAt) are left"
  }
}

extension Duration {
  var dispatchInterval: DispatchTimeInterval {
    let (seconds, attoseconds) = components
    return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
  }
}
