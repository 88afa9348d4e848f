import Foundation
import Hummingbird
import NIOCore
import Operations

/// The routes that change a task: `POST /tasks/TASK/cancel`, `forget` and `retry`.
struct CommandRoutes: Sendable {
  let commands: Commands
  let trust: Trust

  /// The body of a retry; none is as good as an empty one.
  private struct Retry: Decodable {
    /// Path of a corrected file on this machine, readable by the daemon.
    var file: String?
  }

  private static let longestBody = 64 << 10

  var routes: [Route] {
    [
      Route(.post, "/tasks/:task/cancel") { _, context in
        try await answer(context) { task in try commands.cancel(matching: task) }
      },
      Route(.post, "/tasks/:task/forget") { _, context in
        try await answer(context) { task in try commands.forget(matching: task) }
      },
      Route(.post, "/tasks/:task/retry") { request, context in
        let file = try await retry(request, context).file
        return try await answer(context) { task in try commands.retry(matching: task, file: file) }
      },
    ]
  }

  /// The task as it is afterwards.
  private func answer(
    _ context: DoorContext, _ body: @escaping @Sendable (String) throws -> TaskDetail
  ) async throws -> Response {
    let task = try context.task()
    return try Answer.json(try await Commands.onItsThread { try body(task) })
  }

  private func retry(_ request: Request, _ context: DoorContext) async throws -> Retry {
    if request.headers[.expect] != nil { context.wantBody() }
    let body = Data(try await request.body.collect(upTo: Self.longestBody).readableBytesView)
    guard !body.isEmpty else { return Retry() }
    let retry: Retry
    do {
      retry = try JSONDecoder().decode(Retry.self, from: body)
    } catch {
      throw Problem(.badRequest, "the body is not a JSON object with, at most, the name file in it")
    }
    // The file is read with the daemon's rights, which only its own user may lend himself.
    guard retry.file == nil || trust == .owner else {
      throw Problem(.forbidden, "a file is given only with watchctl retry --file, or by an upload")
    }
    return retry
  }
}

extension DoorContext {
  /// Tells a client that waits for it to send the body.
  func wantBody() { channel.triggerUserOutboundEvent(WantsBody(), promise: nil) }
}
