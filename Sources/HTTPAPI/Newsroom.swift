import NIOCore
import NIOPosix
import Operations
import Synchronization
import TaskModel

// What happens to tasks, told to whoever listens.
//
// The database is read once for all of them, a tenth of a second after a commit at the earliest, so that a thousand listeners
// cost what one does, and a burst of commits one reading. The last events are kept as they go out; who is farther behind, as
// after a break of the connection, reads the rest from the database. A listener is only told that there is something:
// it fetches what it has not had, at its own pace, so one that takes nothing holds nothing up and makes nothing grow.
//
// What is read and cannot be (the disk fails) is tried again with the next commit.

/// The hub of the live streams, and of who waits for the end of a task.
final class Newsroom: Sendable {
  /// An event as it goes out.
  struct Item: Sendable {
    let number: Int64
    let taskID: String
    let frame: String
  }

  private struct State {
    var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextListener = 0
    var isScheduled = false
    var items: [Item] = []
    /// All events up to this one are in the items or before them; nil while nobody listens.
    var lastNumber: Int64?
    var progress: (version: Int, frame: String?) = (0, nil)
  }

  private static let kept = 1000
  private static let pause = TimeAmount.milliseconds(100)
  private static let heartbeat = TimeAmount.seconds(15)

  private let operations: Operations
  private let loop = MultiThreadedEventLoopGroup.singleton.next()
  private let state = Mutex(State())

  init(_ operations: Operations) {
    self.operations = operations
  }

  var listenerCount: Int { state.withLock { $0.listeners.count } }

  /// Something was committed; brief.
  func ring() {
    let isFirst = state.withLock { state in
      guard !state.listeners.isEmpty, !state.isScheduled else { return false }
      state.isScheduled = true
      return true
    }
    guard isFirst else { return }
    loop.scheduleTask(in: Self.pause) { Answer.later { [self] in gather() } }
  }

  /// Blocks.
  private func gather() {
    let last = state.withLock { state in
      state.isScheduled = false
      return state.lastNumber
    }
    do {
      let start = try last ?? operations.lastEventNumber()
      let news = try operations.events(after: start, limit: Self.kept)
      let items = try Self.items(of: news)
      let progress = try Self.progressFrame(operations)
      state.withLock { state in
        // Another reading may have been faster.
        guard state.lastNumber == last else { return }
        state.lastNumber = items.last?.number ?? start
        state.items += items
        if state.items.count > Self.kept {
          state.items.removeFirst(state.items.count - Self.kept)
        }
        if progress != state.progress.frame {
          state.progress = (state.progress.version + 1, progress)
        }
        for listener in state.listeners.values { listener.yield() }
      }
      // There may be more than one reading takes.
      if items.count == Self.kept { ring() }
    } catch {
      state.withLock { for listener in $0.listeners.values { listener.yield() } }
    }
  }

  private static func items(of news: [TaskNews]) throws -> [Item] {
    zip(news, try AnswerJSON.lines(of: news)).map { news, line in
      Item(
        number: news.number, taskID: "\(news.task.taskID)",
        frame: "id: \(news.number)\nevent: task\ndata: \(line)\n\n")
    }
  }

  /// How far the running tasks are; without an id, for it is no event that could be missed.
  private static func progressFrame(_ operations: Operations) throws -> String? {
    let line = try AnswerJSON.lines(of: [try operations.running()]).joined()
    return "event: progress\ndata: \(line)\n\n"
  }

  // MARK: Listeners

  /// Begins to listen: `signals` has an element for whatever came since the last one, and one now and then when nothing does.
  func listen() -> Listener {
    let (signals, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      if state.listeners.isEmpty { (state.lastNumber, state.items) = (nil, []) }
      state.nextListener += 1
      state.listeners[state.nextListener] = continuation
      return state.nextListener
    }
    // For what came before.
    continuation.yield()
    let beats = loop.scheduleRepeatedTask(
      initialDelay: Self.heartbeat, delay: Self.heartbeat
    ) { _ in continuation.yield() }
    return Listener(signals: signals, loop: loop) { [self] in
      beats.cancel()
      continuation.finish()
      state.withLock { state in
        state.listeners[number] = nil
        if state.listeners.isEmpty { (state.lastNumber, state.items) = (nil, []) }
      }
    }
  }

  /// Whoever listens; ends with the request.
  struct Listener: Sendable {
    let signals: AsyncStream<Void>
    fileprivate let loop: any EventLoop
    let end: @Sendable () -> Void

    fileprivate init(
      signals: AsyncStream<Void>, loop: any EventLoop, end: @escaping @Sendable () -> Void
    ) {
      self.signals = signals
      self.loop = loop
      self.end = end
    }

    func end(after time: TimeAmount) { loop.scheduleTask(in: time) { end() } }
  }

  /// What came behind a number, in order: from memory, or, where that does not go back so far, from the database.
  func items(after number: Int64) async throws -> [Item] {
    let known = state.withLock { state -> [Item]? in
      guard let last = state.lastNumber else { return nil }
      if number >= last { return [] }
      guard let first = state.items.first, first.number <= number + 1 else { return nil }
      return Array(state.items[(state.items.firstIndex { $0.number > number } ?? 0)...])
    }
    if let known { return known }
    return try await Answer.blocking { [operations] in
      try Self.items(of: try operations.events(after: number, limit: Self.kept))
    }
  }

  /// How far the running tasks are, where that is not the version that somebody has.
  func progress(since version: Int) -> (version: Int, frame: String?)? {
    state.withLock { $0.progress.version == version ? nil : $0.progress }
  }
}
