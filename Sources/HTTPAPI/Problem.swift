import Hummingbird
import NIOCore
import Operations

/// An answer that says what is wrong: problem details, RFC 9457.
///
/// Thrown wherever it is found out; the `Gate`, which every request passes, makes the answer of it.
struct Problem: Error {
  var status: HTTPResponse.Status
  /// One sentence for a person.
  var detail: String
  var headers: HTTPFields = [:]
  var members = Members()

  /// What some kinds of problems say beside (RFC 9457, 3.2).
  struct Members {
    var errorCode: String?
    var taskID: String?
    var errors: [RejectJSON]?
    var reasons: [String]?
  }

  init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
    self.status = status
    self.detail = detail
    self.headers = headers
  }

  /// What goes wrong with any question or command.
  init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let error as OperationError:
      switch error {
      case .refused: self.init(.conflict, "\(error)")
      case .ambiguous: self.init(.badRequest, "\(error)")
      case .resultTaken, .resultReplaced, .pruned: self.init(.gone, "\(error)")
      case .unknownTask, .noResult, .noRejects, .outboxUnknown, .inboxUnknown:
        self.init(.notFound, "\(error)")
      }
    case BodyTrouble.tooSlow: self.init(.requestTimeout, "the body came too slowly")
    case BodyTrouble.cutShort: self.init(.badRequest, "the body was cut short")
    case let error as HTTPError:
      self.init(error.status, error.body ?? error.status.reasonPhrase, headers: error.headers)
    case is CancellationError:
      self.init(.serviceUnavailable, "watchd is being stopped, or nobody waits for this any more")
    default:
      // The machine's: it may go right the next time.
      self.init(.serviceUnavailable, "\(error)")
    }
  }

  private struct Body: Encodable {
    /// "about:blank" says that the status tells the kind of the problem.
    let type = "about:blank"
    let title: String
    let status: Int
    let detail: String
    let errorCode: String?
    let taskID: String?
    let errors: [RejectJSON]?
    let reasons: [String]?

    private enum CodingKeys: String, CodingKey {
      case type
      case title
      case status
      case detail
      case errorCode = "error_code"
      case taskID = "task_id"
      case errors
      case reasons
    }
  }

  func response() throws -> Response {
    var response = try Answer.json(
      Body(
        title: status.reasonPhrase, status: status.code, detail: detail,
        errorCode: members.errorCode, taskID: members.taskID, errors: members.errors,
        reasons: members.reasons), status: status)
    response.headers[.contentType] = "application/problem+json"
    for field in headers { response.headers[field.name] = field.value }
    return response
  }
}
