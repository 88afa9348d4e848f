import Dispatch
import Files
import Logging
import Pipeline
import ServiceLifecycle
import TaskModel
import UnixSignals

/// Settings that are read anew while the daemon runs: on SIGHUP, and when the configuration file changes.
///
/// They are checked first and then hold as a whole; where one of them cannot be, all stay as they were. A task that
/// is being worked on ends with those with which it began.
struct ReloadService: Service {
  let sources: ReloadableSources
  let apply: @Sendable (Settings) -> Void
  let report: ServiceReport
  let logger: Logger

  private enum Cause: String, Sendable {
    case signal = "SIGHUP"
    case change = "the file changed"
  }

  func run() async throws {
    guard let path = sources.started.path else { return try await gracefulShutdown() }
    let (causes, sender) = AsyncStream.makeStream(
      of: Cause.self, bufferingPolicy: .bufferingNewest(1))
    let watch = ConfigurationWatch(path: path, known: sources.started.seen) {
      sender.yield(.change)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      let signals = await UnixSignalsSequence(trapping: .sighup)
      group.addTask {
        for await _ in signals.cancelOnGracefulShutdown() { sender.yield(.signal) }
        watch.stop()
        sender.finish()
      }
      group.addTask { try await watch.run() }
      group.addTask {
        for await cause in causes { await reload(because: cause) }
      }
      try await group.waitForAll()
    }
  }

  private func reload(because cause: Cause) async {
    await report.reloading {
      do {
        let (settings, waiting) = try await sources.read().settings(keeping: sources.started)
        apply(settings)
        let names = waiting.map(\.name).joined(separator: ", ")
        logger.notice("the settings were read anew", metadata: ["because": "\(cause.rawValue)"])
        guard !waiting.isEmpty else { return nil }
        logger.warning("some settings need a restart", metadata: ["settings": "\(names)"])
        return "after a restart only: \(names)"
      } catch {
        logger.error("all settings stay as they were", metadata: ["error": "\(error)"])
        return "all settings stay as they were: \(error)"
      }
    }
  }
}

/// Where the settings came from at the start, and how to ask there again.
struct ReloadableSources: Sendable {
  let started: SettingSources
  let read: @Sendable () async throws -> SettingSources
}

/// Sees that a file is another one or was written to, by asking for its status now and then.
///
/// Asked for and not watched: the one inotify queue of the process is the inbox's, and editors, configuration management and
/// links to links change a file in ways that a watch of it does not see. Cost: a system call a second, and a second.
final class ConfigurationWatch: Sendable {
  typealias Status = Result<FileStatus?, FileError>

  private let path: String
  private let known: Status
  private let changed: @Sendable () -> Void
  private let stopped = TimedSemaphore()

  private static let interval = DispatchTimeInterval.seconds(1)

  /// - Parameters:
  ///   - path: Of the file.
  ///   - known: Its status before it was read.
  ///   - changed: Called once for each change.
  init(path: String, known: Status, changed: @escaping @Sendable () -> Void) {
    self.path = path
    self.known = known
    self.changed = changed
  }

  func stop() { stopped.signal() }

  /// Looks until `stop`, on a thread of its own.
  func run() async throws {
    try await onThread(named: "configuration") { [self] in
      var known = known
      var before = known
      while !stopped.wait(until: .now() + Self.interval) {
        let now = Self.status(of: path)
        // Twice the same: whoever writes it is through.
        if now == before, now != known {
          known = now
          changed()
        }
        before = now
      }
    }
  }

  /// A reason for which it cannot be looked at is a status too: the reload says what it is.
  static func status(of path: String) -> Status {
    Result { () throws(FileError) in try FileStatus.ofPath(path) }
  }
}
