import Foundation
import Hummingbird
import NIOCore
import Operations

/// The routes that change tasks: `POST /tasks/TASK/cancel`, `forget` and `retry`, and `POST /prune`.
struct CommandRoutes: Sendable {
  let commands: Commands
  let trust: Trust

  /// The body of a retry; none is as good as an empty one.
  private struct Retry: Decodable {
    /// Path of a corrected file on this machine, readable by the daemon.
    var file: [UInt8]?

    init() {}

    /// A file that is there and no text, null among it, would be one that is silently not used.
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if container.contains(.file) {
        file = try FilePath.bytes(of: container.decode(String.self, forKey: .file))
      }
    }

    private enum CodingKeys: CodingKey {
      case file
    }
  }

  /// The body of a prune.
  private struct Prune: Decodable {
    /// A time such as `30d`; the setting `retention` where it is missing.
    var olderThan: String?
    var isDryRun = false

    init() {}

    /// As with a retry: what is there and of another type would be silently not used.
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if container.contains(.olderThan) {
        olderThan = try container.decode(String.self, forKey: .olderThan)
      }
      if container.contains(.isDryRun) {
        isDryRun = try container.decode(Bool.self, forKey: .isDryRun)
      }
    }

    private enum CodingKeys: String, CodingKey {
      case olderThan = "older_than"
      case isDryRun = "dry_run"
    }
  }

  private static let longestBody = 64 << 10

  var routes: [Route] {
    [
      Route(.post, "/tasks/:task/cancel", Self.cancel) { _, context in
        try await answer(context) { task in try commands.cancel(matching: task) }
      },
      Route(.post, "/tasks/:task/forget", Self.forget) { _, context in
        try await answer(context) { task in try commands.forget(matching: task) }
      },
      Route(.post, "/tasks/:task/retry", Self.retry) { request, context in
        let file = try await retry(request, context).file
        return try await answer(context) { task in try commands.retry(matching: task, file: file) }
      },
      Route(.post, "/prune", Self.prune) { request, context in
        let wanted: Prune = try await body(
          of: request, context, or: Prune(), "with, at most, older_than and dry_run in it")
        return try Answer.json(
          try await Commands.onItsThread {
            try commands.prune(olderThan: wanted.olderThan, isDryRun: wanted.isDryRun)
          })
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
    let retry: Retry = try await body(
      of: request, context, or: Retry(), "with, at most, the name file in it")
    // The file is read with the daemon's rights, which only its own user may lend himself.
    guard retry.file == nil || trust.isOwner else {
      throw Problem(.forbidden, "a file is given only with watchctl retry --file, or by an upload")
    }
    return retry
  }

  /// What a body says, or what stands for none.
  private func body<Value: Decodable>(
    of request: Request, _ context: DoorContext, or empty: Value, _ expected: String
  ) async throws -> Value {
    if request.headers[.expect] != nil { context.wantBody() }
    let body = Data(try await request.body.collect(upTo: Self.longestBody).readableBytesView)
    guard !body.isEmpty else { return empty }
    do {
      return try JSONDecoder().decode(Value.self, from: body)
    } catch {
      throw Problem(.badRequest, "the body is not a JSON object \(expected)")
    }
  }
}

extension CommandRoutes {
  private static let answers: [Description.Answer] = [
    .json(Schemas.reference("TaskDetail"), "The task as it is afterwards."),
    .problem(400, "Several ids begin so, or the body is none of ours."),
    .problem(403, "It is for the daemon's own user only, or comes from another site."),
    .problem(404, "There is no such task."), .problem(409, "Its status does not allow it."),
  ]
  private static let cancel = Description(
    "Takes back a task that waits or runs.", parameters: [.task], answers: answers)
  private static let forget = Description(
    "Takes exactly this task's rows out of the totals.", parameters: [.task], answers: answers)
  private static let retry = Description(
    "Has a failed or cancelled task done again, under its id.", parameters: [.task],
    body: [
      "application/json": [
        "type": "object",
        "properties": [
          "file": [
            "type": "string",
            "description":
              "Path of a corrected file, or a file: URL, as one that is no UTF-8 needs; on the daemon's socket only.",
          ]
        ],
      ]
    ], answers: answers)
  private static let prune = Description(
    "Removes what belongs to tasks that ended long ago: originals, results, rows and events.",
    body: [
      "application/json": [
        "type": "object",
        "properties": [
          "older_than": [
            "type": "string", "description": "A time such as 30d; else the setting retention.",
          ],
          "dry_run": ["type": "boolean", "description": "Only tells what would go."],
        ],
      ]
    ],
    answers: [
      .json(Schemas.reference("Pruned"), "What was removed, or would be."),
      .problem(400, "The body is none of ours."), .problem(403, "It comes from another site."),
      .problem(409, "That is no time, or the retention is off."),
    ])
}

extension DoorContext {
  /// Tells a client that waits for it to send the body.
  func wantBody() { channel.triggerUserOutboundEvent(WantsBody(), promise: nil) }
}
