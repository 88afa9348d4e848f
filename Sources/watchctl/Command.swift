import Files
import Foundation
import Logging
import Operations
import Pipeline
import TaskModel
import TaskStore

/// A command to the daemon; with no daemon running, done here, by the same code, under the state's lock.
enum Command {
  case cancel
  case forget
  case retry(file: String?)

  /// What became of a command.
  enum Outcome {
    /// The JSON of the task as it is afterwards.
    case done(Data)
    /// One sentence.
    case refused(String)
  }

  /// Has it done with a task, which is named as for every question.
  ///
  /// - Throws: What keeps it from being tried.
  func run(on task: String, in state: StateOption) throws -> Outcome {
    let directory = try Directory.open(state.directory, create: false)
    if let daemon = try DaemonConnection(of: directory) {
      return try ask(daemon, task)
    }
    guard try directory.lock() else { throw DaemonIsDeaf(state: state.directory) }
    return try act(on: task, directory, path: state.directory)
  }

  private func ask(_ daemon: DaemonConnection, _ task: String) throws -> Outcome {
    var body: [String: String] = [:]
    if case .retry(let file?) = self { body["file"] = file }
    let name = task.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? task
    let response = try daemon.post(
      "/tasks/\(name)/\(verb)", body: try JSONEncoder().encode(body))
    if response.status == 200 { return .done(Data(response.body)) }
    return .refused(Problem.sentence(of: response))
  }

  private var verb: String {
    switch self {
    case .cancel: "cancel"
    case .forget: "forget"
    case .retry: "retry"
    }
  }

  /// The lock is held by `directory`, for as long as this runs.
  private func act(on task: String, _ directory: Directory, path: String) throws -> Outcome {
    let reader = try TaskReader.open(directory: path)
    let places = try reader.places()
    try reader.close()
    let settings = try Settings { setting in
      switch setting {
      case .state: path
      case .inbox: places[.inbox] ?? setting.defaultValue
      case .outbox: places[.outbox] ?? setting.defaultValue
      default: setting.defaultValue
      }
    }
    let store = try TaskStore.open(directory: path)
    let pipeline = Pipeline(
      settings: settings, folders: try Folders(settings: settings, create: false), store: store,
      logger: Logger(label: "watchctl") { _ in SwiftLogNoOpLogHandler() }, mostAttempts: 1)
    let commands = Commands(pipeline, store)
    let outcome: Outcome
    do {
      let detail =
        switch self {
        case .cancel: try commands.cancel(matching: task)
        case .forget: try commands.forget(matching: task)
        case .retry(let file): try commands.retry(matching: task, file: file)
        }
      outcome = .done(try AnswerJSON.bytes(of: detail))
    } catch let error as OperationError {
      outcome = .refused("\(error)")
    }
    try store.close()
    withExtendedLifetime(directory) {}
    return outcome
  }
}

/// What of the daemon's problem details (RFC 9457) is for a person.
private struct Problem: Decodable {
  var detail: String

  static func sentence(of response: DaemonConnection.Response) -> String {
    do {
      return try JSONDecoder().decode(Problem.self, from: Data(response.body)).detail
    } catch {
      // Not ours to explain: the server itself refused it.
      return "the daemon answered \(response.status) to a request that it did not understand"
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
