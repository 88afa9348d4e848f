import Hummingbird
import NIOCore
import NIOPosix
import Operations
import ServiceLifecycle
import Synchronization

/// Answers that take seconds: a pass over a large result, its hash, totals across everything.
///
/// Two at a time on threads of their own, so that what takes a moment never waits for them; some more wait their turn, and
/// for the rest there is a 503 that says when to ask again. Whose client goes, or who is to stop, gives up between
/// two pieces of its reading, and leaves the queue at once.
final class LongAnswers: Sendable {
  struct Counts {
    var running = 0
    var waiting = 0
    /// Since the start: given up because nobody waited for them any more.
    var abandoned = 0
    var refused = 0
  }

  private struct State {
    var counts = Counts()
    var nextNumber = 0
    var waiting: [(number: Int, turn: CheckedContinuation<Void, any Error>)] = []
  }

  private static let atOnce = 2
  /// As many as may run: nothing waits in the pool, where it could not be taken out.
  private static let threads: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: atOnce)
    pool.start()
    return pool
  }()

  private let mostWaiting: Int
  private let state = Mutex(State())

  init(mostWaiting: Int = 32) {
    self.mostWaiting = mostWaiting
  }

  var counts: Counts {
    state.withLock { state in
      var counts = state.counts
      counts.waiting = state.waiting.count
      return counts
    }
  }

  /// Runs what may take long, once it is its turn.
  ///
  /// - Throws: `Problem` where too many wait already, `CancellationError`, and what the body throws.
  func run<Value: Sendable>(
    for context: DoorContext, _ body: @escaping @Sendable (PassStop) throws -> Value
  ) async throws -> Value {
    let stop = PassStop()
    context.whenClientGoes { stop.stop() }
    return try await run(stop, body)
  }

  func run<Value: Sendable>(
    _ stop: PassStop, _ body: @escaping @Sendable (PassStop) throws -> Value
  ) async throws -> Value {
    do {
      return try await withTaskCancellationHandler {
        try await withGracefulShutdownHandler {
          try await turn(stop)
          defer { end() }
          return try await Self.threads.runIfActive {
            try stop.check()
            return try body(stop)
          }
        } onGracefulShutdown: {
          stop.stop()
        }
      } onCancel: {
        stop.stop()
      }
    } catch let error as CancellationError {
      state.withLock { $0.counts.abandoned += 1 }
      throw error
    }
  }

  /// Waits until one more may run.
  private func turn(_ stop: PassStop) async throws {
    try await withCheckedThrowingContinuation { continuation in
      var number = 0
      let outcome = state.withLock { state -> Result<Void, any Error>? in
        if state.counts.running < Self.atOnce {
          state.counts.running += 1
          return .success(())
        }
        guard state.waiting.count < mostWaiting else {
          state.counts.refused += 1
          return .failure(Problem.busy)
        }
        state.nextNumber += 1
        number = state.nextNumber
        state.waiting.append((number, continuation))
        return nil
      }
      if let outcome { return continuation.resume(with: outcome) }
      stop.whenStopped { [number] in self.giveUp(number) }
    }
  }

  private func giveUp(_ number: Int) {
    let turn = state.withLock { state in
      state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0).turn }
    }
    turn?.resume(throwing: CancellationError())
  }

  /// Hands the place on.
  private func end() {
    let next = state.withLock { state in
      if state.waiting.isEmpty {
        state.counts.running -= 1
        return nil as CheckedContinuation<Void, any Error>?
      }
      return state.waiting.removeFirst().turn
    }
    next?.resume()
  }
}

extension Problem {
  fileprivate static let busy = Problem(
    .serviceUnavailable,
    "others wait already for large results and totals; ask again in a moment",
    headers: [.retryAfter: "2"])
}

extension DoorContext {
  /// Has something done, from any thread, where the client goes before its answer has ended.
  func whenClientGoes(_ body: @escaping @Sendable () -> Void) {
    let told = channel.eventLoop.makePromise(of: Void.self)
    // Nobody is there to tell of a connection that is closed already.
    told.futureResult.whenFailure { _ in body() }
    channel.triggerUserOutboundEvent(WatchesClient(onDeparture: body), promise: told)
  }
}
