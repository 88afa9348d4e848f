import Hummingbird
import Operations
import TaskModel

/// The answers about tasks, as JSON with the manifest's names.
struct TaskAnswers: Sendable {
  let operations: Operations

  /// `GET /tasks?status=failed&limit=10`.
  func tasks(_ parameters: Parameters) async throws -> Response {
    var filter = Operations.Filter()
    if let text = parameters.get("status") {
      guard let status = TaskStatus(rawValue: text) else {
        return try Answer.problem(.badRequest, "there is no status of that name")
      }
      filter.status = status
    }
    if let text = parameters.get("limit") {
      guard let limit = Int(text), limit > 0 else {
        return try Answer.problem(.badRequest, "limit takes a number from 1 on")
      }
      filter.limit = limit
    }
    let wanted = filter
    return try Answer.json(try await Answer.blocking { try operations.tasks(wanted) })
  }

  /// `GET /tasks/TASK`.
  func task(matching text: String) async throws -> Response {
    do {
      return try Answer.json(try await Answer.blocking { try operations.task(matching: text) })
    } catch let error as OperationError {
      return try Answer.problem(.notFound, "\(error)")
    }
  }
}
