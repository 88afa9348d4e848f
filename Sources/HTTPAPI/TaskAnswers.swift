import Hummingbird
import NIOCore
import NIOPosix
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
        return try Self.problem(.badRequest, "there is no status of that name")
      }
      filter.status = status
    }
    if let text = parameters.get("limit") {
      guard let limit = Int(text), limit > 0 else {
        return try Self.problem(.badRequest, "limit takes a number from 1 on")
      }
      filter.limit = limit
    }
    let wanted = filter
    return try Self.json(try await blocking { try operations.tasks(wanted) })
  }

  /// `GET /tasks/TASK`.
  func task(matching text: String) async throws -> Response {
    do {
      return try Self.json(try await blocking { try operations.task(matching: text) })
    } catch let error as OperationError {
      return try Self.problem(.notFound, "\(error)")
    }
  }

  private func blocking<Answer: Sendable>(
    _ body: @escaping @Sendable () throws -> Answer
  ) async throws -> Answer {
    try await NIOThreadPool.singleton.runIfActive(body)
  }

  private static func problem(
    _ status: HTTPResponse.Status, _ sentence: String
  ) throws -> Response {
    try json(["error": sentence], status: status)
  }

  private static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok
  ) throws -> Response {
    Response(
      status: status,
      headers: [
        .contentType: "application/json; charset=utf-8", .cacheControl: "no-store",
        .xContentTypeOptions: "nosniff",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try AnswerJSON.bytes(of: value))))
  }
}
