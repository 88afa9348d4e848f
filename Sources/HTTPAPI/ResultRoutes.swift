import Hummingbird
import NIOCore
import Operations
import ServiceLifecycle
import TaskModel

/// The routes to what came out of a file: the result, a page of it as a table, what can be drawn of it, and its rejects.
struct ResultRoutes: Sendable {
  let operations: Operations
  let tables: ResultTables
  let newsroom: Newsroom
  let long: LongAnswers

  var routes: [Route] {
    [
      Route(.get, "/result/:task", Self.result) { request, context in
        try await result(request, context)
      },
      Route(.get, "/result/:task/rows", Self.rows) { request, context in
        let (text, question) = (try context.task(), try Self.question(Query(request)))
        return try await table(question, of: text, context) { stop in
          try Answer.json(try tables.page(question, of: text, stop: stop))
        }
      },
      Route(.get, "/result/:task/chart", Self.chart) { _, context in
        let text = try context.task()
        return try await table(nil, of: text, context) { stop in
          try Answer.json(try tables.chart(of: text, stop: stop))
        }
      },
      Route(.get, "/tasks/:task/rejects", Self.rejects) { request, context in
        try await rejects(request, context)
      },
    ]
  }

  private static let longestWait = 300
  private static let longestPage = 1000

  private enum Format: String, CaseIterable {
    case csv
    case json

    /// What the query says, else what the client likes better.
    init(_ request: Request) throws(Problem) {
      let accepted = request.headers[.accept] ?? ""
      let preferred: Format =
        accepted.contains("application/json") && !accepted.contains("text/csv") ? .json : .csv
      self = try Query(request).choice("format", default: preferred)
    }
  }

  // MARK: The result

  private func result(_ request: Request, _ context: DoorContext) async throws -> Response {
    let text = try context.task()
    let format = try Format(request)
    let wait = try Query(request).number("wait", in: 0...Self.longestWait, default: 0)
    let task = try await ended(text, within: wait)
    switch task.record.status {
    case .queued, .running:
      var response = try Answer.json(task.record, status: .accepted)
      response.headers[.retryAfter] = "1"
      return response
    case .failed: throw Problem(failed: task)
    case .cancelled:
      throw Problem(
        .conflict, "\(task.record.name) has no result: it was cancelled; POST /tasks/TASK/retry")
    case .done, .duplicate: break
    }
    // By its id: another file of its name may have come meanwhile.
    let id = "\(task.record.taskID)"
    let content = try await open(id, context)
    return format == .csv ? FileAnswer.response(to: request, content) : try await json(content)
  }

  /// The task, once it is over or the time is.
  private func ended(_ text: String, within seconds: Int) async throws -> TaskDetail {
    let listener = newsroom.listen()
    defer { listener.end() }
    if seconds > 0 { listener.end(after: .seconds(Int64(seconds))) }
    let first = try await look(text)
    guard seconds > 0, !first.record.status.isFinal else { return first }
    let id = "\(first.record.taskID)"
    for await _ in listener.signals.cancelOnGracefulShutdown() {
      let now = try await look(id)
      if now.record.status.isFinal { return now }
    }
    return try await look(id)
  }

  private func look(_ text: String) async throws -> TaskDetail {
    try await Answer.blocking { try operations.task(matching: text) }
  }

  /// The result, once it is known to be the task's, which takes a reading of the whole file.
  private func open(_ id: String, _ context: DoorContext) async throws -> OutboxContent {
    let isBrief = try await Answer.blocking { try operations.opensBriefly(id) }
    let open = { @Sendable stop in try operations.openResult(of: id, stop: stop) }
    if isBrief { return try await Answer.blocking { try open(PassStop()) } }
    return try await long.run(for: context, open)
  }

  private func json(_ content: OutboxContent) async throws -> Response {
    let text = try await Answer.blocking { try ResultJSON(content, stop: PassStop()) }
    let body = ResponseBody { writer in
      while true {
        try Answer.stopsAtShutdown()
        guard let piece = try await Answer.blocking({ try text.next() }) else { break }
        try await writer.write(ByteBuffer(string: piece))
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok, headers: [.contentType: "application/json; charset=utf-8"], body: body)
  }

  // MARK: The table

  private static func question(_ query: Query) throws(Problem) -> TableQuestion {
    enum Order: String, CaseIterable {
      case asc
      case desc
    }
    var question = TableQuestion()
    question.column = try query.choice("sort", default: .song)
    question.isDescending = try query.choice("order", default: Order.asc) == .desc
    question.songContains = query.text("search")
    question.offset = try query.number("offset", in: 0...Int(Int32.max), default: 0)
    question.limit = try query.number("limit", in: 1...longestPage, default: 100)
    return question
  }

  /// A page of the table; the chart, where there is no question.
  private func table(
    _ question: TableQuestion?, of text: String, _ context: DoorContext,
    _ body: @escaping @Sendable (PassStop) throws -> Response
  ) async throws -> Response {
    do {
      let isBrief = try await Answer.blocking { try tables.isBrief(question, of: text) }
      if isBrief { return try await Answer.blocking { try body(PassStop()) } }
      return try await long.run(for: context, body)
    } catch let error as ResultError {
      throw Problem(.unprocessableContent, "\(error)")
    }
  }

  // MARK: Rejects

  private func rejects(_ request: Request, _ context: DoorContext) async throws -> Response {
    let text = try context.task()
    let query = Query(request)
    let offset = try query.number("offset", in: 0...10_000, default: 0)
    let limit = try query.number("limit", in: 1...10_000, default: 10_000)
    guard try Format(request) == .json else {
      return FileAnswer.response(
        to: request,
        try await long.run(for: context) { try operations.openRejects(of: text, stop: $0) })
    }
    let rejects = try await Answer.blocking {
      try operations.rejects(of: text, offset: offset, limit: limit)
    }
    return try Answer.json(rejects.map(RejectJSON.init))
  }
}

extension Problem {
  /// How many rejected records of a failed file the answer names.
  private static let mostErrors = 20

  /// A file that failed: why, and the first of its errors with their lines.
  fileprivate init(failed task: TaskDetail) {
    self.init(.unprocessableContent, task.record.error ?? "the file failed")
    members = Members(
      errorCode: task.record.errorCode?.rawValue, taskID: "\(task.record.taskID)",
      errors: task.rejects.prefix(Self.mostErrors).map(RejectJSON.init))
  }
}

extension ResultRoutes {
  private static let format = Description.Parameter.query(
    "format", Schemas.oneOf(["csv", "json"]), "In place of the header Accept.")
  private static let csv: JSONValue = ["type": "string"]

  private static let result = Description(
    "The result: the CSV, with ranges and an ETag, or the same rows in JSON.",
    parameters: [
      .task, format,
      .query(
        "wait", Schemas.number(0...longestWait), "How many seconds to wait for the end of the task."
      ),
    ],
    answers: [
      Description.Answer(
        200, "The result.", ["text/csv": csv, "application/json": Schemas.list(of: "Row")]),
      .json(Schemas.reference("Task"), "It is not done yet: how far it is.", status: 202),
      Description.Answer(206, "The part that was asked for.", ["text/csv": csv]),
      Description.Answer(304, "The client has it."), .problem(404, "There is no such task."),
      .problem(409, "It was cancelled."), .problem(410, "The result is gone from the outbox."),
      Description.Answer(416, "The range lies behind the end."),
      .problem(422, "The file failed: error_code, and errors with their lines."), .busy,
    ])
  private static let rows = Description(
    "A page of the result as a table, sorted and searched here.",
    parameters: [
      .task, .query("sort", Schemas.oneOf(["song", "date", "plays"]), "By which column."),
      .query("order", Schemas.oneOf(["asc", "desc"]), "Which way."),
      .query("search", Schemas.text, "Only songs with this in them."),
      .query("offset", Schemas.number(0...Int(Int32.max)), "How many rows lie before the page."),
      .query("limit", Schemas.number(1...longestPage), "How many rows a page has at most."),
    ],
    answers: [
      .json(Schemas.reference("Page"), "The page."), .problem(404, "There is no result."),
      .problem(410, "The result is gone from the outbox."),
      .problem(422, "The result is too large for that."), .busy,
    ])
  private static let chart = Description(
    "What can be drawn of a result: plays by date, and the songs with the most plays.",
    parameters: [.task],
    answers: [
      .json(Schemas.reference("Chart"), "The sums."), .problem(404, "There is no result."),
      .problem(410, "The result is gone from the outbox."), .busy,
    ])
  private static let rejects = Description(
    "The rejected records: the whole file, or the first 10,000 in JSON.",
    parameters: [
      .task, format,
      .query("offset", Schemas.number(0...10_000), "Of the JSON: how many to leave out."),
      .query("limit", Schemas.number(1...10_000), "Of the JSON: how many at most."),
    ],
    answers: [
      Description.Answer(
        200, "The rejects.", ["text/csv": csv, "application/json": Schemas.list(of: "Reject")]),
      Description.Answer(206, "The part that was asked for.", ["text/csv": csv]),
      Description.Answer(304, "The client has it."),
      .problem(404, "There are none."), .problem(410, "The file is gone from the outbox."),
      Description.Answer(416, "The range lies behind the end."),
    ])
}
