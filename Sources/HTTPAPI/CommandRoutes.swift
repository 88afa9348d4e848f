import Foundation
import Hummingbird
import NIOCore
import Operations

/// The routes that change a task: `POST /tasks/TASK/cancel`, `forget` and `retry`.
struct CommandRoutes: Sendable {
  let commands: Commands

  /// The body of a retry; none is as good as an empty one.
  private struct Retry: Decodable {
    /// Path of a corrected file on this machine, readable by the daemon.
    var file: String?
  }

  func add(to router: Router<BasicRequestContext>) {
    router.post("tasks/:task/cancel") { [commands] _, context in
      let task = try context.task()
      return try await Answer.command { try commands.cancel(matching: task) }
    }
    router.post("tasks/:task/forget") { [commands] _, context in
      let task = try context.task()
      return try await Answer.command { try commands.forget(matching: task) }
    }
    router.post("tasks/:task/retry") { [commands] request, context in
      let task = try context.task()
      let body = Data(try await request.body.collect(upTo: 64 << 10).readableBytesView)
      let wanted = body.isEmpty ? Retry() : try JSONDecoder().decode(Retry.self, from: body)
      return try await Answer.command { try commands.retry(matching: task, file: wanted.file) }
    }
  }
}
