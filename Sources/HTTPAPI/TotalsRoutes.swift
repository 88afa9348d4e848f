import Hummingbird
import Operations

/// `GET /totals`: across all done files.
struct TotalsRoutes: Sendable {
  let operations: Operations
  let long: LongAnswers

  var routes: [Route] {
    [
      Route(.get, "/totals", Self.description) { request, context in
        try await totals(request, context)
      }
    ]
  }

  private static let mostRows = 100_000

  private func totals(_ request: Request, _ context: DoorContext) async throws -> Response {
    let query = Query(request)
    let grouping = try query.choice("by", default: TotalsGrouping.songAndDate)
    let limit = try query.number("limit", in: 1...Self.mostRows, default: 1000)
    let (song, from, to) = (query.text("song"), query.text("from"), query.text("to"))
    do {
      return try Answer.json(
        try await long.run(for: context) { stop in
          try operations.totals(
            by: grouping, song: song, from: from, to: to, limit: limit, stop: stop)
        })
    } catch let error as TotalsError {
      throw Problem(.unprocessableContent, "\(error)")
    }
  }

  private static let description = Description(
    "Totals across all done files. Exact, beyond 64 bits too.",
    parameters: [
      .query(
        "by", Schemas.oneOf(TotalsGrouping.allCases.map(\.rawValue)),
        "What a row is of: song-date, sorted as in a result; song, the largest first; date."),
      .query("song", Schemas.text, "Only this song, to the byte."),
      .query("from", Schemas.text, "Only dates from this one on, by bytes."),
      .query("to", Schemas.text, "Only dates up to this one, by bytes."),
      .query("limit", Schemas.number(1...mostRows), "At most so many rows."),
    ],
    answers: [
      .json(["type": "array", "items": Schemas.reference("Total")], "The totals."),
      .problem(422, "They are too long to be told at once."), .busy,
    ])
}
