/// What `/openapi.json` says of a route, written beside it.
struct Description: Sendable {
  /// A parameter of the path, the query or a header.
  struct Parameter: Sendable {
    enum Place: String, Sendable {
      case path
      case query
      case header
    }

    let name: String
    let place: Place
    let schema: JSONValue
    let meaning: String

    static func query(_ name: String, _ schema: JSONValue, _ meaning: String) -> Parameter {
      Parameter(name: name, place: .query, schema: schema, meaning: meaning)
    }

    static func header(_ name: String, _ schema: JSONValue, _ meaning: String) -> Parameter {
      Parameter(name: name, place: .header, schema: schema, meaning: meaning)
    }

    static let task = Parameter(
      name: "task", place: .path, schema: ["type": "string", "minLength": 1],
      meaning: "A task id, a unique prefix of one, or a file name: its latest task.")

    var json: JSONValue {
      [
        "name": .string(name), "in": .string(place.rawValue), "schema": schema,
        "description": .string(meaning), "required": .boolean(place == .path),
      ]
    }
  }

  /// What comes with a status.
  struct Answer: Sendable {
    let status: Int
    let meaning: String
    /// By media type.
    let content: [String: JSONValue]

    init(_ status: Int, _ meaning: String, _ content: [String: JSONValue] = [:]) {
      self.status = status
      self.meaning = meaning
      self.content = content
    }

    static func json(_ schema: JSONValue, _ meaning: String, status: Int = 200) -> Answer {
      Answer(status, meaning, ["application/json": schema])
    }

    static func problem(_ status: Int, _ meaning: String) -> Answer {
      Answer(status, meaning, ["application/problem+json": Schemas.reference("Problem")])
    }

    static let busy = problem(503, "Too much waits for large results already: Retry-After.")

    var json: JSONValue {
      let description: JSONValue = ["description": .string(meaning)]
      if content.isEmpty { return description }
      return description.adding("content", .object(content.mapValues { ["schema": $0] }))
    }
  }

  let summary: String
  var parameters: [Parameter] = []
  /// By media type.
  var body: [String: JSONValue] = [:]
  var isBodyRequired = false
  var answers: [Answer] = []

  init(
    _ summary: String, parameters: [Parameter] = [], body: [String: JSONValue] = [:],
    isBodyRequired: Bool = false, answers: [Answer]
  ) {
    self.summary = summary
    self.parameters = parameters
    self.body = body
    self.isBodyRequired = isBodyRequired
    self.answers = answers
  }

  /// The operation object (OpenAPI 3.1, 4.8.10).
  func json(id: String) -> JSONValue {
    var responses: [String: JSONValue] = [:]
    for answer in answers { responses["\(answer.status)"] = answer.json }
    responses["default"] =
      Answer(0, "What was wrong.", ["application/problem+json": Schemas.reference("Problem")]).json
    var operation: JSONValue = [
      "operationId": .string(id), "summary": .string(summary), "responses": .object(responses),
    ]
    if !parameters.isEmpty {
      operation = operation.adding("parameters", .array(parameters.map(\.json)))
    }
    if !body.isEmpty {
      operation = operation.adding(
        "requestBody",
        [
          "required": .boolean(isBodyRequired),
          "content": .object(body.mapValues { ["schema": $0] }),
        ])
    }
    return operation
  }
}
