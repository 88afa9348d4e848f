import ArgumentParser
import Files
import HTTPAPI
import Inbox
import Logging
import Operations
import Pipeline
import ServiceLifecycle
import TaskModel
import TaskStore
import UnixSignals

/// The daemon put together: what is opened, in which order, and what runs.
struct Daemon {
  enum Mode {
    /// Runs until SIGTERM or SIGINT.
    case service
    /// Processes what lies in the inbox, then ends.
    case once
  }

  private let mode: Mode
  private let http: HTTPAddress?
  private let token: AccessToken?
  private let maxUpload: Int64
  private let logger: Logger
  /// Held for the lock of the state directory, which goes with its descriptor.
  private let folders: Folders
  private let store: TaskStore
  private let pipeline: Pipeline
  private let inbox: Inbox

  /// How often the machine may fail a task of a run that is to end by itself.
  private static let attemptsOnce = 3

  /// Opens everything, and brings in order what the last process left.
  ///
  /// A service waits for disk space, with the lock held (`StartingRoom`): somebody who frees some must not have to start it
  /// again, too. A run that is to end by itself does not.
  ///
  /// - Throws: Why the daemon cannot run.
  init(settings: Settings, mode: Mode) async throws {
    let token = try settings.httpTokenFile.map(Self.readToken)
    let (format, level) = (settings.logFormat, Logger.Level(settings.logLevel))
    let logger = Logger(label: "watchd") { _ in LineLogHandler(format: format, logLevel: level) }
    let room = StartingRoom(state: settings.state, isPatient: mode == .service, logger: logger)
    let folders = try await room.waiting { try Folders(settings: settings) }
    try Self.checkDistinct(folders)
    // Before the database is opened: two daemons on one state would each undo the other's work.
    guard try folders.state.lock() else {
      throw DaemonError.stateInUse(settings.state, by: try folders.state.lockHolder())
    }
    if try folders.state.isRemote() { throw DaemonError.remoteState(settings.state) }
    let store = try await room.waiting { try Self.openStore(settings, folders) }
    let pipeline = Pipeline(
      settings: settings, folders: folders, store: store, logger: logger,
      mostAttempts: mode == .once ? Self.attemptsOnce : nil)
    var options = InboxOptions()
    options.settle = settings.settle
    options.rescan = settings.rescan
    options.requireSpace = { [space = folders.space(settings)] in try space.check() }
    let inbox = Inbox(
      directory: folders.inbox, work: folders.work, wake: folders.state, options: options,
      logger: logger, onReady: { logger.info("ready") },
      record: { claims in try pipeline.record(claims) })
    // Not before the inbox has opened its queue, whose descriptor has to be a low one.
    OpenFiles.raiseLimit()
    try await room.waiting { try pipeline.recover(inbox) }
    self.mode = mode
    http = settings.http
    maxUpload = settings.maxUpload
    self.token = token
    self.logger = logger
    self.folders = folders
    self.store = store
    self.pipeline = pipeline
    self.inbox = inbox
  }

  private static func openStore(_ settings: Settings, _ folders: Folders) throws -> TaskStore {
    let store = try TaskStore.open(directory: settings.state)
    try store.setPlaces(
      [.inbox: try folders.inbox.absolutePath(), .outbox: try folders.outbox.absolutePath()],
      settings: settings.recorded)
    return store
  }

  /// Runs to the end of the mode.
  ///
  /// - Throws: `ExitCode` where files failed; else why the daemon cannot go on.
  func run() async throws {
    switch mode {
    case .service:
      try await serve()
      try await close()
    case .once:
      let left = try await processOnce()
      try await onThread(named: "retention") { [pipeline] in pipeline.applyRetention() }
      let unfinished = try await onThread(named: "counting") { [store] in try store.unfinished() }
      try await close()
      try judge(left: left, unfinished: unfinished.count)
    }
  }

  private func close() async throws {
    try await onThread(named: "closing") { [store] in try store.close() }
  }

  /// What `--once` has to say of a run that did not end with all files done.
  private func judge(left: [Sighting], unfinished: Int) throws {
    let summary = pipeline.summary
    if let sighting = left.first {
      throw DaemonError.left(
        count: left.count, first: "\(sighting.name.shown): \(sighting.sentence)")
    }
    if let reason = summary.givenUp.first {
      throw DaemonError.givenUp(count: summary.givenUp.count, reason: reason)
    }
    if inbox.leftByRecovery > 0 { throw DaemonError.unrecovered(inbox.leftByRecovery) }
    if unfinished > 0 { throw DaemonError.interrupted(unfinished) }
    if summary.failed > 0 { throw ExitCode(1) }
  }

  /// Services end in the reverse of this order: first nobody asks, then nothing new is taken, then what
  /// is being read goes back to the queue.
  private func serve() async throws {
    var services: [any Service] = [
      WorkerService(pipeline: pipeline), InboxService(inbox: inbox),
    ]
    let desk = Desk(
      Operations(store), Commands(pipeline, store),
      Uploads(pipeline, store, limit: maxUpload),
      Monitoring(Operations(store), pipeline, inbox))
    store.onCommit { desk.ring() }
    services.append(try makeSocketService(desk))
    if let http {
      services.append(HTTPService(desk, address: http, token: token, logger: logger))
    }
    // Ends first: a command at one of the doors may be removing very much.
    services.append(RetentionService(pipeline: pipeline))
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map { configured($0) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: quietLogger))
    try await group.run()
    logger.info("stopped")
  }

  /// Read once, at the start; who changes the token starts the daemon anew.
  private static func readToken(_ path: String) throws -> AccessToken {
    let file = try OpenFile.open(path: path, onlyRegular: true)
    do {
      return try AccessToken(String(decoding: try file.read(at: 0, count: 4096), as: UTF8.self))
    } catch let error as TokenError {
      throw DaemonError.badToken(path, error)
    }
  }

  /// The door for `watchctl`.
  ///
  /// We have the state's lock, so a socket that lies there is a dead process's.
  private func makeSocketService(_ desk: Desk) throws -> SocketService {
    let (state, name) = (folders.state, Commands.socketName)
    try state.remove(name)
    return SocketService(
      desk, path: state.shortPath(of: name), logger: logger,
      onListening: { [logger] in
        do {
          try state.setMode(0o600, of: name)
        } catch {
          logger.error("the socket for commands keeps the permissions it has: \(error)")
        }
      })
  }

  /// - Returns: What had to be left in the inbox.
  private func processOnce() async throws -> [Sighting] {
    let once = OnceService(pipeline: pipeline, inbox: inbox)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [configured(once)], gracefulShutdownSignals: [.sigterm, .sigint],
        logger: quietLogger))
    try await group.run()
    return once.left
  }

  /// A failure stops the others gracefully: their threads look at nothing else, and cancelled they would
  /// block for ever.
  private func configured(_ service: any Service) -> ServiceGroupConfiguration.ServiceConfiguration
  {
    .init(
      service: ReportingService(base: service, logger: logger),
      successTerminationBehavior: .gracefullyShutdownGroup,
      failureTerminationBehavior: .gracefullyShutdownGroup)
  }

  /// The service group's own lines are for its developers.
  private var quietLogger: Logger {
    var logger = logger
    if logger.logLevel > .debug { logger.logLevel = .error }
    return logger
  }

  /// A result in the inbox would be read as input, and so on for ever.
  private static func checkDistinct(_ folders: Folders) throws {
    let all = [("inbox", folders.inbox), ("outbox", folders.outbox), ("state", folders.state)]
    for (index, (name, directory)) in all.enumerated() {
      let status = try directory.status()
      for (otherName, other) in all[..<index] {
        let otherStatus = try other.status()
        if status.device == otherStatus.device && status.inode == otherStatus.inode {
          throw DaemonError.sameDirectory(otherName, name, directory.path)
        }
      }
    }
  }
}

/// Why the daemon cannot run, or go on.
enum DaemonError: Error, CustomStringConvertible {
  case stateInUse(String, by: Int32?)
  case remoteState(String)
  case sameDirectory(String, String, String)
  case givenUp(count: Int, reason: String)
  case left(count: Int, first: String)
  case interrupted(Int)
  case unrecovered(Int)
  case badToken(String, TokenError)

  /// Whether the daemon did run, and only left something for the next one.
  var didRun: Bool {
    switch self {
    case .left, .interrupted, .unrecovered: true
    case .stateInUse, .remoteState, .sameDirectory, .givenUp, .badToken: false
    }
  }

  var description: String {
    switch self {
    case .stateInUse(let path, let process):
      "the state directory \(path.escapedForTerminal) is in use by another watchd"
        + (process.map { " (process \($0))" } ?? "")
        + "; stop that one, or name another with --state"
    case .remoteState(let path):
      "the state directory \(path.escapedForTerminal) is on a network file system or FUSE, on which SQLite"
        + " cannot keep its promises; name one on a local disk with --state"
    case .sameDirectory(let first, let second, let path):
      "\(first) and \(second) are the same directory, \(path.escapedForTerminal); name two"
    case .givenUp(let count, let reason):
      "\(count) \(count == 1 ? "file" : "files") could not be processed and will be at the next start:"
        + " \(reason)"
    case .left(let count, let first):
      "\(count) \(count == 1 ? "file was" : "files were") left in the inbox: \(first)"
    case .badToken(let path, let error): "\(path.escapedForTerminal) holds no token: \(error)"
    case .unrecovered(let count):
      "\(count) \(count == 1 ? "file" : "files") of an earlier run could not be looked at and will be at"
        + " the next start; the log says why"
    case .interrupted(let count):
      "stopped before \(count) \(count == 1 ? "file was" : "files were") processed;"
        + " start it again to go on"
    }
  }
}

extension Logger.Level {
  init(_ level: Settings.LogLevel) {
    self =
      switch level {
      case .trace: .trace
      case .debug: .debug
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      case .critical: .critical
      }
  }
}
