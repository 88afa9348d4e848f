import Hummingbird
import Operations
import TaskModel

/// The answers about tasks, as JSON with the manifest's names.
struct TaskAnswers: Sendable {
  let operations: Operations

  var routes: [Route] {
    [
      Route(.get, "/healthz") { _, _ in Answer.text("ok\n") },
      Route(.get, "/tasks") { request, _ in try await tasks(request.uri.queryParameters) },
      Route(.get, "/tasks/:task") { _, context in
        let text = try context.task()
        return try Answer.json(try await Answer.blocking { try operations.task(matching: text) })
      },
    ]
  }

  /// `GET /tasks?status=failed&limit=10`.
  private func tasks(_ parameters: Parameters) async throws -> Response {
    var filter = Operations.Filter()
    if let text = parameters.get("status") {
      guard let status = TaskStatus(rawValue: text) else {
        throw Problem(.badRequest, "there is no status of that name")
      }
      filter.status = status
    }
    if let text = parameters.get("limit") {
      guard let limit = Int(text), limit > 0 else {
        throw Problem(.badRequest, "limit takes a number from 1 on")
      }
      filter.limit = limit
    }
    let wanted = filter
    return try Answer.json(try await Answer.blocking { try operations.tasks(wanted) })
  }
}
