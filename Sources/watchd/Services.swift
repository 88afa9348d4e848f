import Inbox
import Logging
import Pipeline
import ServiceLifecycle
import Synchronization

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

/// `--once`: takes what lies in the inbox while the workers run, and ends with the last of it.
final class OnceService: Service {
  private let pipeline: Pipeline
  private let inbox: Inbox
  private let leftBehind = Mutex<[Sighting]>([])

  init(pipeline: Pipeline, inbox: Inbox) {
    self.pipeline = pipeline
    self.inbox = inbox
  }

  /// Files that should have been taken and could not be.
  var left: [Sighting] { leftBehind.withLock { $0 } }

  func run() async throws {
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
    case .unseen, .openByWriter, .settling, .noSpace, .trouble: true
    case .name, .notRegular: false
    }
  }
}
