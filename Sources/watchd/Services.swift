import Inbox
import Pipeline
import ServiceLifecycle

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

/// `--once`: takes what lies in the inbox while the workers run, and ends with the last of it.
struct OnceService: Service {
  let pipeline: Pipeline
  let inbox: Inbox

  func run() async throws {
    try await withGracefulShutdownHandler {
      async let working: Void = pipeline.runWorkers()
      do {
        _ = try await onThread(named: "inbox") { [inbox] in try inbox.drain() }
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
