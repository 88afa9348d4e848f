import ArgumentParser
import Files
import HTTPAPI
import Hooks
import Inbox
import Logging
import Operations
import Pipeline
import ServiceLifecycle
import Supervisor
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
  private let style: LogStyle
  private let logger: Logger
  private let report: ServiceReport
  /// Held for the lock of the state directory, which goes with its descriptor.
  private let folders: Folders
  private let store: TaskStore
  private let pipeline: Pipeline
  private let inbox: Inbox
  private let hooks: Hooks

  /// How often the machine may fail a task of a run that is to end by itself.
  private static let attemptsOnce = 3

  /// Opens everything, and brings in order what the last process left.
  ///
  /// A service waits for what may pass, with the lock held (`PatientStart`): somebody who frees disk space must not have to start it
  /// again, too. A run that is to end by itself does not.
  ///
  /// - Throws: Why the daemon cannot run.
  init(settings: Settings, mode: Mode) async throws {
    let token = try settings.httpTokenFile.map(Self.readToken)
    let style = LogStyle(settings)
    let logger = Logger(label: "watchd") { _ in LineLogHandler(style) }
    let parts = ServiceReport.Part.allCases.filter { $0 != .http || settings.http != nil }
    let report = ServiceReport(try Supervisor(), awaiting: Set(parts), logger: logger)
    if mode == .service { try report.start() }
    let start = PatientStart(
      state: settings.state, isPatient: mode == .service, logger: logger,
      onStep: { report.starting.step() })
    let folders = try await start.waiting { try Folders(settings: settings) }
    try Self.checkDistinct(folders)
    // Before the database is opened: two daemons on one state would each undo the other's work.
    guard try folders.state.lock() else {
      throw DaemonError.stateInUse(settings.state, by: try folders.state.lockHolder())
    }
    let store = try await start.waiting {
      try Self.openStore(settings, folders) { report.starting.step() }
    }
    // We have the state's lock, so a socket that lies there is a dead process's.
    _ = try await start.waiting { try folders.state.remove(Commands.socketName) }
    let hooks = Hooks(
      settings, outbox: try folders.outbox.absolutePath(),
      state: try folders.state.absolutePath(), logger: logger)
    let pipeline = Pipeline(
      settings: settings, folders: folders, store: store, logger: logger,
      mostAttempts: mode == .once ? Self.attemptsOnce : nil,
      onEnd: { receipt in hooks.add(receipt) })
    let inbox = Inbox(
      directory: folders.inbox, work: folders.work, wake: folders.state,
      options: InboxOptions(settings, folders, pipeline), logger: logger,
      onReady: { [pipeline] in
        pipeline.noteInboxTaken()
        report.arrived(.inbox)
      },
      record: { claims in try pipeline.record(claims) })
    pipeline.whenThereIsRoom { [inbox] in inbox.lookAgain() }
    // Not before the inbox has opened its queue, whose descriptor has to be a low one.
    OpenFiles.raiseLimit()
    try await start.waiting { try pipeline.recover(inbox) { report.starting.step() } }
    self.mode = mode
    http = settings.http
    maxUpload = settings.maxUpload
    self.token = token
    self.logger = logger
    self.folders = folders
    self.store = store
    self.pipeline = pipeline
    self.inbox = inbox
    self.style = style
    self.report = report
    self.hooks = hooks
    report.watch(inbox, pipeline)
  }

  private static func openStore(
    _ settings: Settings, _ folders: Folders, onStep: @escaping @Sendable () -> Void
  ) throws -> TaskStore {
    let store = try TaskStore.open(directory: settings.state, onStep: onStep)
    try store.setPlaces(
      [.inbox: try folders.inbox.absolutePath(), .outbox: try folders.outbox.absolutePath()],
      settings: settings.recorded)
    return store
  }

  /// Runs to the end of the mode.
  ///
  /// - Parameter sources: Asked again by a reload.
  /// - Throws: `ExitCode` where files failed; else why the daemon cannot go on.
  func run(_ sources: ReloadableSources) async throws {
    defer { report.end() }
    switch mode {
    case .service:
      try await serve(sources)
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
    if let refusal = try await onThread(named: "closing", { [store] in try store.close() }) {
      logger.warning(
        "the database's log is left as it is, and the next start reads it; nothing is lost: \(refusal)"
      )
    }
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
  private func serve(_ sources: ReloadableSources) async throws {
    var services: [any Service] = [
      HookService(hooks: hooks), WorkerService(pipeline: pipeline), InboxService(inbox: inbox),
    ]
    let desk = Desk(
      Operations(store), Commands(pipeline, store),
      Uploads(pipeline, store, limit: maxUpload),
      Monitoring(Operations(store), pipeline, inbox))
    store.onCommit { desk.ring() }
    services.append(makeSocketService(desk))
    if let http {
      services.append(
        HTTPService(
          desk, address: http, token: token, logger: logger,
          onListening: { [report] in report.arrived(.http) }))
    }
    // Ends first: a command at one of the doors may be removing very much.
    services.append(RetentionService(pipeline: pipeline))
    services.append(
      ReloadService(sources: sources, apply: apply, report: report, logger: logger))
    services.append(StopService(report: report))
    // With nothing to read anew it ends the daemon, as it does any program whose terminal goes.
    let hangUp: [UnixSignal] = sources.started.path == nil ? [.sighup] : []
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map { configured($0) },
        gracefulShutdownSignals: [.sigterm, .sigint] + hangUp, logger: quietLogger))
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

  /// Goes on with other settings; those that need a restart are the same.
  private func apply(_ settings: Settings) {
    style.use(settings)
    pipeline.use(settings)
    hooks.use(settings)
    inbox.use(InboxOptions(settings, folders, pipeline))
  }

  /// The door for `watchctl`.
  private func makeSocketService(_ desk: Desk) -> SocketService {
    let (state, name) = (folders.state, Commands.socketName)
    return SocketService(
      desk, path: state.shortPath(of: name), logger: logger,
      onListening: { [logger, report] in
        do {
          try state.setMode(0o600, of: name)
          report.arrived(.socket)
        } catch {
          logger.error("the socket for commands keeps the permissions it has: \(error)")
          report.arrived(.socket)
        }
      })
  }

  /// - Returns: What had to be left in the inbox.
  private func processOnce() async throws -> [Sighting] {
    let once = OnceService(pipeline: pipeline, inbox: inbox, hooks: hooks)
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

extension InboxOptions {
  init(_ settings: Settings, _ folders: Folders, _ pipeline: Pipeline) {
    self.init()
    settle = settings.settle
    rescan = settings.rescan
    requireSpace = { [space = folders.space(settings)] in try space.check() }
    requireRoom = { [pipeline] in try pipeline.requireRoom() }
  }
}
