import Dispatch
import Files
import Inbox
import Logging
import Pipeline
import Supervisor
import Synchronization
import TaskModel

/// Tells the service manager, on a thread of its own, what the daemon is at and whether it moves.
///
/// The thread asks for nothing that could wait for what it reports on: no disk, no database. So it can say
/// what hangs while that hangs.
final class ServiceReport: Sendable {
  /// What has to be there before the daemon is ready.
  enum Part: Hashable, Sendable, CaseIterable {
    case inbox
    case socket
    case http
  }

  enum Phase: Sendable {
    case starting
    case running
    case stopping
  }

  private struct State: Sendable {
    var phase = Phase.starting
    var awaited: Set<Part>
    var inbox: Inbox?
    var pipeline: Pipeline?
    /// Of the last reload, where it left something to be said.
    var note: String?
  }

  let supervisor: Supervisor
  private let logger: Logger
  private let state: Mutex<State>
  /// Steps of what is done before anything runs.
  let starting = Pulse()
  private let ended = TimedSemaphore()

  /// How often is looked, where the watchdog does not want it oftener.
  private static let interval = Duration.seconds(1)
  /// What is asked for each time that a start or a stop was seen to move.
  private static let extension60 = Duration.seconds(60)

  init(_ supervisor: Supervisor, awaiting parts: Set<Part>, logger: Logger) {
    self.supervisor = supervisor
    self.logger = logger
    state = Mutex(State(awaited: parts))
  }

  /// Starts the thread, where there is anybody to tell.
  func start() throws {
    guard supervisor.isThere else { return }
    supervisor.tell(.status("starting"))
    try SystemThread.start(named: "report") { [self] in run() }
  }

  /// Ends the thread.
  func end() { ended.signal() }

  func watch(_ inbox: Inbox, _ pipeline: Pipeline) {
    state.withLock { state in
      state.inbox = inbox
      state.pipeline = pipeline
    }
  }

  /// Says that a part is there; with the last one the daemon is ready.
  func arrived(_ part: Part) {
    let isReady = state.withLock { state in
      guard state.phase == .starting, state.awaited.remove(part) != nil, state.awaited.isEmpty
      else { return false }
      state.phase = .running
      return true
    }
    guard isReady else { return }
    logger.info("ready")
    supervisor.tell(.ready, .status(sentence))
  }

  func stopping() {
    state.withLock { $0.phase = .stopping }
    supervisor.tell(.stopping, .status(sentence))
  }

  /// Tells of a reload around it; the note stays in the status until the next one.
  func reloading(_ body: () async -> String?) async {
    supervisor.tell(.reloading(monotonic: MonotonicTime.microseconds()), .status("reloading"))
    let note = await body()
    state.withLock { $0.note = note }
    supervisor.tell(.ready, .status(sentence))
  }

  // MARK: The thread

  private func run() {
    let interval = min(Self.interval, supervisor.watchdog.map { $0 / 4 } ?? Self.interval)
    // Half: what hangs is seen, and then WATCHDOG=1 fails to come for the whole time that the manager waits.
    var watchdog = supervisor.watchdog.map { Watchdog(patience: $0 / 2) }
    var (status, steps) = ("", [String: UInt64]())
    var wasHanging: [String] = []
    while !ended.wait(until: .now() + interval.dispatchInterval) {
      let (phase, looks) = (state.withLock { $0.phase }, self.looks)
      var sentence = sentence
      if phase == .running, var dog = watchdog {
        let hanging = dog.hanging(looks, now: .now).sorted()
        watchdog = dog
        if hanging.isEmpty { supervisor.tell(.watchdog) }
        if hanging != wasHanging { tell(of: hanging) }
        wasHanging = hanging
        if !hanging.isEmpty { sentence = "hangs: " + hanging.joined(separator: ", ") }
      } else {
        let now = Dictionary(looks.map { ($0.id, $0.pulse.steps) }) { first, _ in first }
        if now != steps { supervisor.tell(.extendTimeout(Self.extension60), .watchdog) }
        steps = now
      }
      if sentence != status { supervisor.tell(.status(sentence)) }
      status = sentence
      if let failure = supervisor.takeFailure() { logger.warning("\(failure)") }
    }
  }

  private func tell(of hanging: [String]) {
    if hanging.isEmpty {
      logger.notice("all of it moves again")
    } else {
      logger.critical(
        "no step is made any more; the service manager is told nothing until there is one, and will restart watchd",
        metadata: ["hangs": "\(hanging.joined(separator: ", "))"])
    }
  }

  /// Each piece of work whose standing still is the daemon's.
  private var looks: [Watchdog.Look] {
    let (inbox, pipeline) = state.withLock { ($0.inbox, $0.pipeline) }
    guard let inbox, let pipeline else {
      return [Watchdog.Look(id: "start", name: "the start", starting.state)]
    }
    let activity = pipeline.activity
    return [
      Watchdog.Look(id: "start", name: "the start", starting.finished),
      Watchdog.Look(id: "inbox", name: "the inbox", inbox.movement),
      Watchdog.Look(id: "queue", name: "the queue", activity.queue),
    ]
      + activity.running.map { work in
        Watchdog.Look(
          id: "\(work.taskID)", name: (work.name ?? "\(work.taskID)").escapedForTerminal, work.pulse
        )
      }
  }

  /// What the daemon is at.
  private var sentence: String {
    let state = state.withLock { $0 }
    guard let inbox = state.inbox, let pipeline = state.pipeline else { return "starting" }
    let activity = pipeline.activity
    let summary = activity.summary
    var parts: [String]
    switch state.phase {
    case .starting: parts = ["starting: an earlier run is brought in order"]
    case .running:
      parts = [Self.work(activity)]
      let waiting = pipeline.hindrances.waitingTasks.sorted { $0.key.rawValue < $1.key.rawValue }
      if !waiting.isEmpty {
        parts.append(
          "for their next attempt wait "
            + waiting.map { "\($0.value) (\($0.key.rawValue))" }.joined(separator: ", "))
      }
    case .stopping: parts = ["stopping: what is being read goes back to the queue"]
    }
    if let trouble = inbox.shortage ?? inbox.hindrance {
      parts.append("no file is taken: \(trouble)")
    }
    parts.append("\(summary.done) done, \(summary.failed) failed since the start")
    if let note = state.note { parts.append(note) }
    return parts.joined(separator: "; ")
  }

  private static func work(_ activity: PipelineActivity) -> String {
    let names = activity.running.compactMap(\.name).sorted().map(\.escapedForTerminal)
    guard !names.isEmpty else {
      return activity.queued == 0
        ? "idle, the inbox is watched" : "\(activity.queued) waiting for their next attempt"
    }
    let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", ..." : "")
    return "processing \(shown)" + (activity.queued > 0 ? "; \(activity.queued) waiting" : "")
  }
}

extension Pulse {
  /// For what is over: it waits for nothing any more.
  fileprivate var finished: State {
    State(steps: state.steps, waitsUntil: .now)
  }
}

extension Duration {
  fileprivate var dispatchInterval: DispatchTimeInterval {
    let (seconds, attoseconds) = components
    return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
  }
}
