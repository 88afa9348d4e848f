import Dispatch
import Hummingbird
import Operations
import TestSupport
import Testing

@testable import HTTPAPI

/// The queue of answers that take long, with ones that take as long as a test wants.
struct LongAnswersTests {
  /// Holds its answers until they are let go.
  private final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func hold() { semaphore.wait() }
    func open(for count: Int) { for _ in 0..<count { semaphore.signal() } }
  }

  @Test func `two are answered at a time, some wait, the rest is told when to ask again`()
    async throws
  {
    let long = LongAnswers(mostWaiting: 1)
    let gate = Gate()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<2 {
        group.addTask {
          try await long.run(PassStop()) { _ in
            gate.hold()
            return number
          }
        }
      }
      try await eventually("two run") { long.counts.running == 2 }
      group.addTask { try await long.run(PassStop()) { _ in 2 } }
      try await eventually("one waits") { long.counts.waiting == 1 }
      let refused = await #expect(throws: Problem.self) {
        try await long.run(PassStop()) { _ in 3 }
      }
      #expect(refused?.status == .serviceUnavailable)
      #expect(refused?.headers[.retryAfter] == "2")
      #expect(long.counts.refused == 1)
      // Meanwhile what takes a moment is answered.
      #expect(try await Answer.blocking { 4 } == 4)
      gate.open(for: 2)
      var answers: Set<Int> = []
      for try await answer in group { answers.insert(answer) }
      #expect(answers == [0, 1, 2])
    }
    #expect(long.counts.running == 0)
  }

  @Test func `who goes while he waits leaves the queue, and while he is answered is noticed`()
    async throws
  {
    let long = LongAnswers(mostWaiting: 1)
    let stops = [PassStop(), PassStop(), PassStop()]
    let gate = Gate()
    await withTaskGroup(of: Bool.self) { group in
      for stop in stops.prefix(2) {
        group.addTask {
          await Self.isGivenUp {
            try await long.run(stop) { stop in
              gate.hold()
              try stop.check()
            }
          }
        }
      }
      await Self.await("two run") { long.counts.running == 2 }
      group.addTask { await Self.isGivenUp { try await long.run(stops[2]) { _ in } } }
      await Self.await("one waits") { long.counts.waiting == 1 }
      stops[2].stop()
      #expect(await group.next() == true)
      #expect(long.counts.waiting == 0)
      for stop in stops { stop.stop() }
      gate.open(for: 2)
      for await isGivenUp in group { #expect(isGivenUp) }
    }
    #expect(long.counts.running == 0)
    #expect(long.counts.abandoned == 3)
  }

  @Test func `a task that is cancelled gives up`() async throws {
    let long = LongAnswers()
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await Self.isGivenUp {
          try await long.run(PassStop()) { stop in
            let stopped = DispatchSemaphore(value: 0)
            stop.whenStopped { stopped.signal() }
            stopped.wait()
            try stop.check()
          }
        }
      }
      await Self.await("it runs") { long.counts.running == 1 }
      group.cancelAll()
      #expect(await group.next() == true)
    }
    #expect(long.counts.abandoned == 1)
  }

  private static func isGivenUp(_ body: () async throws -> Void) async -> Bool {
    do {
      try await body()
      return false
    } catch {
      return error is CancellationError
    }
  }

  private static func await(_ what: String, _ condition: () -> Bool) async {
    do {
      try await eventually(what) { condition() }
    } catch {
      Issue.record(error)
    }
  }
}
