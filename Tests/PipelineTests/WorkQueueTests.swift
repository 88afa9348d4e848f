import Dispatch
import Files
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import Pipeline

struct WorkQueueTests {
  private static let large: Int64 = 16 << 20

  private func entry(_ size: Int64 = 1) -> WorkQueue.Entry {
    WorkQueue.Entry(taskID: .make(), size: size)
  }

  @Test func `small tasks go before large ones, each class in its order`() {
    let queue = WorkQueue(workers: 4)
    let entries = [entry(Self.large), entry(1), entry(Self.large * 2), entry(Self.large - 1)]
    queue.add(entries)
    let taken = (0..<4).map { _ in queue.take() }
    #expect(taken == [entries[1], entries[3], entries[0], entries[2]])
  }

  @Test(arguments: [2, 3, 8])
  func `one worker is always left for small tasks`(workers: Int) {
    let queue = WorkQueue(workers: workers)
    let large = (0..<workers).map { _ in entry(Self.large) }
    queue.add(large)
    for index in 0..<workers - 1 { #expect(queue.take() == large[index]) }
    // The last worker passes over the waiting large task, though nothing else is there for a while.
    let small = entry()
    queue.add([small])
    #expect(queue.take() == small)
    queue.end(small, retryAfter: .milliseconds(20))
    #expect(queue.take() == small)
    queue.end(small)
    // When a large one has ended, the waiting one is taken.
    queue.end(large[0])
    #expect(queue.take() == large[workers - 1])
  }

  @Test func `a single worker takes large tasks too`() {
    let queue = WorkQueue(workers: 1)
    let (big, small) = (entry(Self.large), entry())
    queue.add([big, small])
    #expect(queue.take() == small)
    queue.end(small)
    #expect(queue.take() == big)
  }

  @Test func `suspects come when nothing else waits or runs, the least suspect first and alone`() {
    let queue = WorkQueue(workers: 2)
    var (worst, bad) = (entry(), entry(Self.large))
    (worst.suspicion, bad.suspicion) = (7, 3)
    let (small, brief) = (entry(1 << 20), entry())
    queue.add([worst, bad, small, brief])
    #expect(queue.take() == brief)
    #expect(queue.take() == small)
    #expect(queue.activity.waiting == 2)
    queue.end(brief)
    // One still runs, so that no suspect may.
    #expect(queue.activity.pulse.waitsUntil != nil)
    queue.end(small)
    // Nothing runs, and there may be others in the inbox.
    #expect(queue.activity.pulse.waitsUntil != nil)
    queue.noteInboxTaken()
    #expect(queue.activity.pulse.waitsUntil == nil)
    #expect(queue.take() == bad)
    #expect(queue.activity.pulse.waitsUntil != nil)
    queue.end(bad, retryAfter: .zero)
    // It is back, and still the less suspect one.
    #expect(queue.take() == bad)
    queue.end(bad)
    #expect(queue.take() == worst)
  }

  @Test func `a queue that was full has room again once half of it is gone, and says so once`()
    throws
  {
    let queue = WorkQueue(workers: 1, mostWaiting: 4)
    let entries = (0..<4).map { _ in entry(1 << 20) }
    queue.add(Array(entries.prefix(3)))
    try queue.requireRoom()
    queue.add([entries[3]])
    let full = #expect(throws: QueueFull.self) { try queue.requireRoom() }
    #expect(full == QueueFull(waiting: 4, resumesAt: 2))
    #expect("\(try #require(full))".contains("4 files"))
    // What waits for its next attempt waits, too.
    #expect(queue.take() == entries[0])
    queue.end(entries[0], retryAfter: .seconds(3600))
    #expect(queue.take() == entries[1])
    #expect(throws: QueueFull.self) { try queue.requireRoom() }
    #expect(!queue.comesToHaveRoom())
    queue.end(entries[1])
    #expect(queue.take() == entries[2])
    #expect(queue.comesToHaveRoom())
    #expect(!queue.comesToHaveRoom())
    try queue.requireRoom()
  }

  @Test func `brief tasks go beside busy workers, as many as there are lanes`() {
    let queue = WorkQueue(workers: 1)
    let (running, waiting) = (entry(1 << 20), entry(1 << 20))
    let brief = (0...WorkQueue.lanes).map { _ in entry(256 << 10) }
    queue.add([running])
    #expect(queue.take() == running)
    queue.add([waiting])
    queue.add(brief)
    for index in 0..<WorkQueue.lanes { #expect(queue.take() == brief[index]) }
    // The last one has no lane, and the other task no worker, until one ends.
    queue.end(running)
    #expect(queue.take() == waiting)
    queue.end(brief[0])
    #expect(queue.take() == brief[WorkQueue.lanes])
  }

  @Test func `a task that ended with a delay comes back, not before the delay`() {
    let queue = WorkQueue(workers: 2)
    let task = entry()
    queue.add([task])
    #expect(queue.take() == task)
    let began = DispatchTime.now()
    queue.end(task, retryAfter: .milliseconds(30))
    #expect(queue.take() == task)
    #expect(DispatchTime.now() >= began + .milliseconds(30))
  }

  @Test func `of two delayed tasks the one whose delay ends first comes first`() {
    let queue = WorkQueue(workers: 2)
    let (late, early) = (entry(), entry())
    queue.add([late, early])
    _ = (queue.take(), queue.take())
    queue.end(late, retryAfter: .milliseconds(200))
    queue.end(early, retryAfter: .milliseconds(10))
    #expect(queue.take() == early)
    queue.end(early)
    #expect(queue.take() == late)
  }

  @Test func `a closed queue gives out what it holds and what is delayed, then ends`() {
    let queue = WorkQueue(workers: 2)
    let (first, second) = (entry(), entry(Self.large))
    queue.add([first, second])
    queue.close()
    #expect(queue.take() == first)
    queue.end(first, retryAfter: .milliseconds(10))
    #expect(queue.take() == second)
    queue.end(second)
    #expect(queue.take() == first)
    queue.end(first)
    #expect(queue.take() == nil)
  }

  @Test func `a closed queue keeps its workers while a task runs that may come back`() async throws
  {
    let queue = WorkQueue(workers: 8)
    let task = entry()
    queue.add([task])
    queue.close()
    #expect(queue.take() == task)
    let arrivals = Ledger()
    try await withThrowingTaskGroup(of: WorkQueue.Entry?.self) { group in
      for _ in 0..<7 {
        group.addTask {
          try await onThread(named: "worker") {
            _ = arrivals.enter(task)
            let taken = queue.take()
            if let taken { queue.end(taken) }
            return taken
          }
        }
      }
      try await eventually("all workers ask") { arrivals.times[task.taskID] == 7 }
      queue.end(task, retryAfter: .milliseconds(1))
      let taken = try await group.reduce(into: []) { $0.append($1) }
      #expect(taken.count { $0 == task } == 1)
      #expect(taken.count { $0 == nil } == 6)
    }
  }

  @Test func `it comes to rest once after work, also where a brief task ends last`() {
    let queue = WorkQueue(workers: 2)
    let (large, brief) = (entry(Self.large), entry())
    #expect(brief.isBrief && !large.isBrief)
    #expect(!queue.comesToRest())
    queue.add([large, brief])
    _ = (queue.take(), queue.take())
    queue.end(large)
    #expect(!queue.comesToRest(), "the brief one runs")
    queue.end(brief)
    #expect(queue.comesToRest())
    #expect(!queue.comesToRest(), "nothing was done since")
    queue.add([brief])
    _ = queue.take()
    queue.end(brief)
    #expect(!queue.comesToRest(), "brief ones leave nothing worth giving back")
  }

  @Test func `a stop ends waiting workers at once, whatever is queued, delayed or running`()
    async throws
  {
    let queue = WorkQueue(workers: 2)
    let (running, delayed, waiting) = (entry(Self.large), entry(), entry(Self.large))
    queue.add([delayed, running, waiting])
    _ = (queue.take(), queue.take())
    queue.end(delayed, retryAfter: .seconds(3600))
    async let blocked = onThread(named: "blocked") { queue.take() }
    queue.stop()
    #expect(try await blocked == nil)
    #expect(queue.take() == nil)
  }

  @Test func `awaiting a change ends with the end of another task`() async throws {
    let queue = WorkQueue(workers: 2)
    let task = entry()
    queue.add([task])
    _ = queue.take()
    async let awaited: Void = onThread(named: "awaiting") {
      queue.awaitChange(atMost: .seconds(3600))
    }
    // The waiter may not have begun to wait; ends go on until one was seen.
    let isOver = Atomic(false)
    async let ending: Void = onThread(named: "ending") {
      while !isOver.load(ordering: .acquiring) {
        let other = WorkQueue.Entry(taskID: .make(), size: 1)
        queue.add([other])
        _ = queue.take()
        queue.end(other)
      }
    }
    try await awaited
    isOver.store(true, ordering: .releasing)
    try await ending
  }

  @Test func `awaiting a change ends by itself, and at once when stopped`() {
    let queue = WorkQueue(workers: 2)
    queue.awaitChange(atMost: .milliseconds(5))
    queue.stop()
    queue.awaitChange(atMost: .seconds(3600))
  }

  @Test(arguments: [1, 2, 8])
  func `no wake-up is lost between many producers and many workers`(workers: Int) async throws {
    let queue = WorkQueue(workers: workers)
    let ledger = Ledger()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<workers {
        group.addTask {
          try await onThread(named: "worker") {
            while let entry = queue.take() {
              // Every third comes back once.
              let comesBack = ledger.enter(entry) == 1 && entry.size % 3 == 0
              ledger.leave(entry)
              queue.end(entry, retryAfter: comesBack ? .milliseconds(1) : nil)
            }
          }
        }
      }
      try await produce(1000, from: 4, into: queue)
      queue.close()
      try await group.waitForAll()
    }
    #expect(ledger.times.count == 4000)
    #expect(ledger.times.values.count { $0 == 2 } == 4 * 334)
    #expect(ledger.mostLarge <= max(1, workers - 1))
  }

  private func produce(_ count: Int, from threads: Int, into queue: WorkQueue) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<threads {
        group.addTask {
          try await onThread(named: "producer") {
            for number in 0..<count {
              // Every seventh is large; sizes keep their number's remainder by three.
              let base = number % 7 == 0 ? Self.large / 3 * 3 + 3 : 0
              queue.add([WorkQueue.Entry(taskID: .make(), size: base + Int64(number))])
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// How often each task was taken, and how many large ones were out at the same time.
private final class Ledger: Sendable {
  private struct State {
    var times: [TaskID: Int] = [:]
    var large = 0
    var mostLarge = 0
  }

  private let state = Mutex(State())

  var times: [TaskID: Int] { state.withLock(\.times) }
  var mostLarge: Int { state.withLock(\.mostLarge) }

  /// - Returns: How often the task was taken, this time included.
  func enter(_ entry: WorkQueue.Entry) -> Int {
    state.withLock { state in
      if entry.isLarge {
        state.large += 1
        state.mostLarge = max(state.mostLarge, state.large)
      }
      let times = state.times[entry.taskID, default: 0] + 1
      state.times[entry.taskID] = times
      return times
    }
  }

  func leave(_ entry: WorkQueue.Entry) {
    state.withLock { if entry.isLarge { $0.large -= 1 } }
  }
}
