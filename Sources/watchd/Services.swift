import Hooks
import Inbox
import Logging
import Pipeline
import ServiceLifecycle
import Synchronization
import TaskModel

/// A service whose failure is logged when it happens: the others are then stopped in order, which takes
/// as long as they need, and only after that does the daemon end with the error.
struct ReportingService: Service {
  let base: any Service
  let logger: Logger

  func run() async throws {
    do {
      try await base.run()
    } catch {
      logger.critical("cannot go on, stopping", metadata: ["error": "\(error)"])
      throw error
    }
  }
}

/// The inbox's watch, on a thread of its own.
struct InboxService: Service {
  let inbox: Inbox

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await onThread(named: "inbox") { [inbox] in try inbox.run() }
    } onGracefulShutdown: { [inbox] in
      inbox.stop()
    }
  }
}

/// The workers, each on a thread of its own.
struct WorkerService: Service {
  let pipeline: Pipeline

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await pipeline.runWorkers()
    } onGracefulShutdown: { [pipeline] in
      pipeline.stop()
    }
  }
}

/// The setting `retention`, on a thread of its own.
struct RetentionService: Service {
  let pipeline: Pipeline

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await onThread(named: "retention") { [pipeline] in pipeline.keepRetention() }
    } onGracefulShutdown: { [pipeline] in
      pipeline.endRetention()
    }
  }
}

/// The hooks of files that are over; told to stop, which is after all that hand any over, they have a moment.
struct HookService: Service {
  let hooks: Hooks

  func run() async {
    await hooks.run(until: {
      // Cancelled when there is nothing more to run.
      do { try await gracefulShutdown() } catch {}
    })
  }
}

extension Hooks {
  /// Has the hook run that goes with a receipt.
  func add(_ receipt: Receipt) {
    do {
      add(
        Call(
          taskID: receipt.taskID, name: receipt.name, status: receipt.status,
          receipt: try receipt.json))
    } catch {
      // It was encoded a moment ago, for the outbox.
      preconditionFailure("a receipt that was published cannot be encoded: \(error)")
    }
  }
}

/// `--once`: takes what lies in the inbox while the workers run, and ends with the last of it.
final class OnceService: Service {
  private let pipeline: Pipeline
  private let inbox: Inbox
  private let hooks: Hooks
  private let leftBehind = Mutex<[Sighting]>([])

  init(pipeline: Pipeline, inbox: Inbox, hooks: Hooks) {
    self.hooks = hooks
    self.pipeline = pipeline
    self.inbox = inbox
  }

  /// Files that should have been taken and could not be.
  var left: [Sighting] { leftBehind.withLock { $0 } }

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [hooks] in await HookService(hooks: hooks).run() }
      try await takeAll()
      hooks.close()
      try await group.waitForAll()
    }
  }

  private func takeAll() async throws {
    try await withGracefulShutdownHandler {
      async let working: Void = pipeline.runWorkers()
      do {
        let left = try await onThread(named: "inbox") { [inbox] in try inbox.drain() }
        leftBehind.withLock { $0 = left.filter(\.isUnfinished) }
      } catch {
        pipeline.stop()
        try await working
        throw error
      }
      pipeline.close()
      try await working
    } onGracefulShutdown: { [pipeline, inbox] in
      inbox.stop()
      pipeline.stop()
    }
  }
}

extension Sighting {
  /// Whether it is a file of ours that only could not be taken yet.
  fileprivate var isUnfinished: Bool {
    switch reason {
    case .unseen, .openByWriter, .settling, .noSpace, .queueFull, .trouble: true
    case .name, .notRegular: false
    }
  }
}

/// Says that the daemon stops, as soon as it is told to: the last service, for the last one ends first.
struct StopService: Service {
  let report: ServiceReport

  func run() async throws {
    try await gracefulShutdown()
    report.stopping()
  }
}
