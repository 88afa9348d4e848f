import Files
import Foundation
import Logging
import Operations
import Pipeline
import TaskModel
import TaskStore

/// A command to the daemon; with no daemon running, done here, by the same code, under the state's lock.
///
/// A task is named as for every question.
enum Command {
  case cancel(String)
  case forget(String)
  /// With the whole path of another file, in bytes.
  case retry(String, file: [UInt8]?)
  case prune(olderThan: String?, isDryRun: Bool)

  /// What became of a command.
  enum Outcome {
    /// The JSON of the task as it is afterwards, or of what was removed.
    case done(Data)
    /// One sentence.
    case refused(String)
  }

  /// Has it done.
  ///
  /// - Throws: What keeps it from being tried.
  func run(in state: StateOption) throws -> Outcome {
    let directory = try Directory.open(state.directory, create: false)
    if let daemon = try DaemonConnection(of: directory) { return try ask(daemon) }
    // A lock that another machine does not see protects nothing.
    try RemoteState.refuse(directory)
    guard try directory.lock() else { throw DaemonIsDeaf(state: state.directory) }
    return try act(directory, path: state.directory)
  }

  private func ask(_ daemon: DaemonConnection) throws -> Outcome {
    let response = try daemon.post(route, body: try JSONEncoder().encode(body))
    if response.status == 200 { return .done(Data(response.body)) }
    return .refused(response.problem)
  }

  private var route: String {
    switch self {
    case .cancel(let task): Self.route(task, "cancel")
    case .forget(let task): Self.route(task, "forget")
    case .retry(let task, _): Self.route(task, "retry")
    case .prune: "/prune"
    }
  }

  private static func route(_ task: String, _ verb: String) -> String {
    let name = task.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? task
    return "/tasks/\(name)/\(verb)"
  }

  /// What the routes know; a key that is nil is left out.
  private struct Body: Encodable {
    var file: String?
    var olderThan: String?
    var dryRun: Bool?

    private enum CodingKeys: String, CodingKey {
      case file
      case olderThan = "older_than"
      case dryRun = "dry_run"
    }
  }

  private var body: Body {
    switch self {
    case .cancel, .forget: Body()
    case .retry(_, let file): Body(file: file.map(FilePath.text(of:)))
    case .prune(let age, let isDryRun): Body(olderThan: age, dryRun: isDryRun)
    }
  }

  /// The lock is held by `directory`, for as long as this runs.
  private func act(_ directory: Directory, path: String) throws -> Outcome {
    let reader = try TaskReader.open(directory: path)
    let (places, recorded) = (try reader.places(), try reader.recordedSettings())
    try reader.close()
    let settings = try Settings { setting in
      switch setting {
      case .state: path
      case .inbox: places[.inbox] ?? setting.defaultValue
      case .outbox: places[.outbox] ?? setting.defaultValue
      // As the daemon would, that ran last.
      default: recorded[setting] ?? setting.defaultValue
      }
    }
    let store = try TaskStore.open(directory: path)
    let pipeline = Pipeline(
      settings: settings, folders: try Folders(settings: settings, create: false), store: store,
      logger: Logger(label: "watchctl") { _ in SwiftLogNoOpLogHandler() }, mostAttempts: 1)
    let commands = Commands(pipeline, store)
    let outcome: Outcome
    do {
      outcome = .done(try answer(commands))
    } catch let error as OperationError {
      outcome = .refused("\(error)")
    }
    try pipeline.removeLeftovers()
    try store.close()
    withExtendedLifetime(directory) {}
    return outcome
  }

  private func answer(_ commands: Commands) throws -> Data {
    switch self {
    case .cancel(let task): try AnswerJSON.bytes(of: commands.cancel(matching: task))
    case .forget(let task): try AnswerJSON.bytes(of: commands.forget(matching: task))
    case .retry(let task, let file):
      try AnswerJSON.bytes(of: commands.retry(matching: task, file: file))
    case .prune(let age, let isDryRun):
      try AnswerJSON.bytes(of: commands.prune(olderThan: age, isDryRun: isDryRun))
    }
  }
}

/// Somebody has the lock of the state directory and does not listen.
struct DaemonIsDeaf: Error, CustomStringConvertible {
  let state: String

  var description: String {
    "a watchd has \(state.escapedForTerminal) and does not listen on its socket: it is starting or stopping,"
      + " or runs with --once; try again when it is through"
  }
}
