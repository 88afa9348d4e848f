import Foundation
import Hummingbird
import NIOCore
import Operations

/// The routes that change tasks: `POST /tasks/TASK/cancel`, `forget` and `retry`, and `POST /prune`.
struct CommandRoutes: Sendable {
  let commands: Commands

  /// The body of a retry; none is as good as an empty one.
  private struct Retry: Decodable {
    /// Path of a corrected file on this machine, readable by the daemon.
    var file: String?
  }

  /// The body of a prune.
  private struct Prune: Decodable {
    /// A time such as `30d`; the setting `retention` where it is missing.
    var olderThan: String?
    var dryRun: Bool?

    private enum CodingKeys: String, CodingKey {
      case olderThan = "older_than"
      case dryRun = "dry_run"
    }
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
      let wanted = try await Self.body(of: request, or: Retry())
      return try await Answer.command { try commands.retry(matching: task, file: wanted.file) }
    }
    router.post("prune") { [commands] request, _ in
      let wanted = try await Self.body(of: request, or: Prune())
      return try await Answer.command {
        try commands.prune(olderThan: wanted.olderThan, isDryRun: wanted.dryRun ?? false)
      }
    }
  }

  private static func body<Value: Decodable>(
    of request: Request, or empty: Value
  ) async throws -> Value {
    let body = Data(try await request.body.collect(upTo: 64 << 10).readableBytesView)
    return body.isEmpty ? empty : try JSONDecoder().decode(Value.self, from: body)
  }
}
