import Hummingbird
import NIOCore
import Operations
import ServiceLifecycle
import TaskModel

/// `GET /events`: what happens, as it happens (server-sent events; HTML, 9.2).
struct EventRoutes: Sendable {
  let operations: Operations
  let newsroom: Newsroom

  var routes: [Route] {
    [Route(.get, "/events", Self.description) { request, _ in try await events(request) }]
  }

  private func events(_ request: Request) async throws -> Response {
    let query = Query(request)
    // The header is the browser's own after a break; the parameter is for who wants to begin somewhere.
    let given =
      try request.headers[.lastEventID].map { try Self.number($0) }
      ?? query.value("after", "the number of an event", Self.read)
    var taskID: String?
    if let text = query.text("task") {
      taskID = try await Answer.blocking {
        "\(try operations.task(matching: text).record.taskID)"
      }
    }
    let latest = try await Answer.blocking { try operations.lastEventNumber() }
    // Of a database that was put back: what it has is all new.
    let start = given.map { $0 > latest ? 0 : $0 } ?? latest
    // It listens in the body alone, which a HEAD, and a client that is gone by then, never ask for.
    let body = ResponseBody { [taskID] writer in
      let listener = newsroom.listen()
      defer { listener.end() }
      var last = start
      var version = -1
      try await writer.write(ByteBuffer(string: "retry: 1000\n: from \(start)\n\n"))
      for await _ in listener.signals.cancelOnGracefulShutdown() {
        var isBehind = true
        // Keeps the connection, finds out that the client is gone, and tells it that we are not.
        var text = "event: alive\ndata: {}\n\n"
        while isBehind {
          let before = last
          text = try await news(after: &last, of: taskID) + text
          isBehind = last != before
          if !isBehind, taskID == nil, let progress = newsroom.progress(since: version) {
            version = progress.version
            text += progress.frame ?? ""
          }
          if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
          text = ""
        }
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: body)
  }

  /// The frames of what came behind an event, which becomes the last of them; of a task, or of all.
  private func news(after last: inout Int64, of taskID: String?) async throws -> String {
    let items = try await newsroom.items(after: last)
    last = items.last?.number ?? last
    return items.filter { taskID == nil || $0.taskID == taskID }.map(\.frame).joined()
  }

  private static func number(_ text: String) throws(Problem) -> Int64 {
    guard let number = read(text) else {
      throw Problem(.badRequest, "Last-Event-ID takes the number of an event")
    }
    return number
  }

  private static func read(_ text: String) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
    else { return nil }
    return Int64(text)
  }

  private static let description = Description(
    "What happens to tasks, as it happens: server-sent events, task with an id, progress without. A stream that broke goes on behind Last-Event-ID.",
    parameters: [
      .query("after", Schemas.count, "Begin behind this event, in place of now."),
      .query("task", Schemas.text, "Only of this task."),
      .header("Last-Event-ID", Schemas.count, "Begin behind this event."),
    ],
    answers: [
      Description.Answer(200, "The stream.", ["text/event-stream": ["type": "string"]]),
      .problem(400, "That is no number."), .problem(404, "There is no such task."),
    ])
}
