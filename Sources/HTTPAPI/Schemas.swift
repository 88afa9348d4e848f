/// The shapes of answers, in JSON Schema (2020-12): whoever changes what an answer encodes changes its row here.
enum Schemas {
  static func reference(_ name: String) -> JSONValue {
    ["$ref": .string("#/components/schemas/" + name)]
  }

  static func list(of name: String) -> JSONValue { ["type": "array", "items": reference(name)] }

  static let count: JSONValue = ["type": "integer", "minimum": 0]
  static let text: JSONValue = ["type": "string"]
  static let time: JSONValue = ["type": "string", "format": "date-time"]
  static let status: JSONValue = [
    "type": "string",
    "enum": ["queued", "running", "done", "duplicate", "failed", "cancelled"],
  ]
  static let whole: JSONValue = ["type": "integer"]

  static func orNull(_ type: String) -> JSONValue { ["type": [.string(type), "null"]] }

  static func number(_ range: ClosedRange<Int>) -> JSONValue {
    [
      "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
      "maximum": .integer(Int64(range.upperBound)),
    ]
  }

  static func oneOf(_ words: [String]) -> JSONValue {
    ["type": "string", "enum": .array(words.map(JSONValue.string))]
  }

  static func object(_ members: [String: JSONValue], optional: Set<String> = []) -> JSONValue {
    let required = members.keys.filter { !optional.contains($0) }.sorted()
    return [
      "type": "object", "properties": .object(members),
      "required": .array(required.map(JSONValue.string)),
    ]
  }

  private static let taskMembers: [String: JSONValue] = [
    "task_id": ["type": "string", "format": "uuid"], "name": text, "status": status,
    "phase": ["type": ["string", "null"], "enum": ["ingesting", "publishing", .null]],
    "size_bytes": count, "bytes_read": count, "sha256": orNull("string"), "rows_read": count,
    "rows_rejected": count, "groups": orNull("integer"), "plays_sum": orNull("integer"),
    "result_name": orNull("string"), "error_code": orNull("string"), "error": orNull("string"),
    "attempts": count, "duplicate_of": orNull("string"), "queued_at": time,
    "started_at": orNull("string"), "finished_at": orNull("string"),
  ]

  static let all: [String: JSONValue] = [
    "Problem": object(
      [
        "type": text, "title": text, "status": whole, "detail": text, "error_code": text,
        "task_id": text, "errors": list(of: "Reject"), "reasons": ["type": "array", "items": text],
      ], optional: ["error_code", "task_id", "errors", "reasons"]),
    "Task": object(taskMembers),
    "TaskDetail": object(
      taskMembers.merging(
        [
          "pruned_at": orNull("string"), "events": list(of: "Event"),
          "rejects": list(of: "Reject"),
        ],
        uniquingKeysWith: { first, _ in first })),
    "Pruned": object([
      "before": time, "dry_run": ["type": "boolean"], "tasks": count, "rows": count,
      "files": count, "file_bytes": count, "database_bytes": whole, "left": count,
      "trouble": orNull("string"),
    ]),
    "Event": object(["at": time, "kind": text, "detail": orNull("string")]),
    "Reject": object([
      "line": count, "column": count, "byte": count, "reason": text, "raw": text,
    ]),
    "Row": object(
      ["song": text, "date": text, "plays": whole, "song_bytes": count, "date_bytes": count],
      optional: ["song_bytes", "date_bytes"]),
    "Page": object(["total": count, "rows": list(of: "Row")]),
    "Sum": object(
      ["name": text, "plays": whole, "name_bytes": count], optional: ["name_bytes"]),
    "Chart": object(
      ["dates": list(of: "Sum"), "songs": list(of: "Sum"), "song_count": count, "rows": count],
      optional: ["dates"]),
    "Total": object(
      ["song": text, "date": text, "plays": whole, "song_bytes": count, "date_bytes": count],
      optional: ["song", "date", "song_bytes", "date_bytes"]),
    "Accepted": object(
      [
        "task_id": text,
        "tasks": [
          "type": "array",
          "items": object(
            ["task_id": text, "name": orNull("string"), "known": ["const": true]],
            optional: ["known"]),
        ],
      ], optional: ["task_id"]),
    "Status": object([
      "tasks": ["type": "object", "additionalProperties": count], "max_upload": count,
      "last_event": count,
    ]),
    "Readiness": object(["ready": ["type": "boolean"]]),
  ]
}
