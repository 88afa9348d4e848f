import Hummingbird
import Operations
import TaskModel

/// The answers about tasks, as JSON with the manifest's names.
struct TaskAnswers: Sendable {
  let operations: Operations
  let uploadLimit: Int64

  var routes: [Route] {
    [
      Route(.get, "/tasks", Self.list) { request, _ in try await tasks(request) },
      Route(.get, "/tasks/:task", Self.one) { _, context in
        let text = try context.task()
        // The number first: what happens between the two is in the answer, and told again.
        let (number, task) = try await Answer.blocking {
          (try operations.lastEventNumber(), try operations.task(matching: text))
        }
        return Self.knowing(number, try Answer.json(task))
      },
      Route(.get, "/tasks/:task/events", Self.story) { _, context in
        let text = try context.task()
        return try Answer.json(
          try await Answer.blocking { try operations.task(matching: text) }.events
            .map(EventJSON.init))
      },
      Route(.get, "/status", Self.status) { _, _ in
        try Answer.json(
          try await Answer.blocking {
            Status(
              tasks: try operations.counts(), maxUpload: uploadLimit,
              lastEvent: try operations.lastEventNumber())
          })
      },
    ]
  }

  private struct Status: Encodable {
    let tasks: [String: Int]
    let maxUpload: Int64
    let lastEvent: Int64

    init(tasks: [TaskStatus: Int], maxUpload: Int64, lastEvent: Int64) {
      self.tasks = Dictionary(
        uniqueKeysWithValues: TaskStatus.allCases.map { ($0.rawValue, tasks[$0] ?? 0) })
      self.maxUpload = maxUpload
      self.lastEvent = lastEvent
    }

    private enum CodingKeys: String, CodingKey {
      case tasks
      case maxUpload = "max_upload"
      case lastEvent = "last_event"
    }
  }

  private static let mostListed = 10_000

  /// `GET /tasks?status=failed&limit=10`; more of them under the link to the next page (RFC 8288).
  private func tasks(_ request: Request) async throws -> Response {
    let query = Query(request)
    var filter = Operations.Filter()
    filter.status = try query.choice("status")
    filter.nameContains = query.text("search")
    filter.since = try query.value(
      "since", "a time such as 2026-01-31T00:00:00Z", Timestamp.init(internet:))
    filter.before = try query.value("before", "the id of a task") { TaskID($0) }
    let limit = try query.number("limit", in: 1...Self.mostListed, default: 1000)
    // One more than is wanted tells whether there is a next page.
    filter.limit = limit + 1
    let wanted = filter
    let (found, number) = try await Answer.blocking { try operations.tasksWithLastEvent(wanted) }
    var response = Self.knowing(number, try Answer.json(Array(found.prefix(limit))))
    if found.count > limit {
      response.headers[.link] = Self.nextPage(of: request, before: found[limit - 1].taskID)
    }
    return response
  }

  /// Says up to which event the answer knows all: /events goes on behind it.
  private static func knowing(_ number: Int64, _ response: Response) -> Response {
    var response = response
    response.headers[.lastEventID] = "\(number)"
    return response
  }

  private static func nextPage(of request: Request, before task: TaskID) -> String {
    let kept = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("before=") }
    let query = (kept + ["before=\(task)"]).joined(separator: "&")
    return "</tasks?\(query)>; rel=\"next\""
  }

  private static let list = Description(
    "The tasks, the newest first. The header Link has the next page, where there is one; Last-Event-ID the number of the last event that they know of, for /events.",
    parameters: [
      .query("status", Schemas.status, "Only those of this status."),
      .query("search", Schemas.text, "Only those with this in their file's name."),
      .query("since", Schemas.time, "Only those queued at that time or later."),
      .query("before", ["type": "string", "format": "uuid"], "Only those older than this task."),
      .query("limit", Schemas.number(1...mostListed), "At most so many."),
    ],
    answers: [.json(Schemas.list(of: "Task"), "The tasks."), .problem(400, "No such filter.")])
  private static let one = Description(
    "A task with its history and its first rejected records; the header Last-Event-ID as of /tasks.",
    parameters: [.task],
    answers: [
      .json(Schemas.reference("TaskDetail"), "The task."),
      .problem(400, "Several ids begin so."), .problem(404, "There is no such task."),
    ])
  private static let story = Description(
    "What happened to a task, the oldest first.", parameters: [.task],
    answers: [
      .json(Schemas.list(of: "Event"), "Its events."), .problem(400, "Several ids begin so."),
      .problem(404, "There is no such task."),
    ])
  private static let status = Description(
    "How many tasks there are of each status, and what the page needs to know.",
    answers: [.json(Schemas.reference("Status"), "How things stand.")])
}
