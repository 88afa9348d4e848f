import HTTPAPI
import TaskModel

/// Why the daemon cannot run, or go on.
enum DaemonError: Error, CustomStringConvertible {
  case stateInUse(String, by: Int32?)
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
    case .stateInUse, .sameDirectory, .givenUp, .badToken: false
    }
  }

  var description: String {
    switch self {
    case .stateInUse(let path, let process):
      "the state directory \(path.escapedForTerminal) is in use by another watchd"
        + (process.map { " (process \($0))" } ?? "")
        + "; stop that one, or name another with --state"
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
