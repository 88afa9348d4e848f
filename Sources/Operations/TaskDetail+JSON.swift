package import TaskModel

extension TaskDetail: Encodable {
  private enum ExtraKeys: String, CodingKey {
    case events
    case rejects
  }

  /// The keys of the task, and `events` and `rejects` beside them.
  package func encode(to encoder: any Encoder) throws {
    try record.encode(to: encoder)
    var container = encoder.container(keyedBy: ExtraKeys.self)
    try container.encode(events.map(EventJSON.init), forKey: .events)
    try container.encode(rejects.map(RejectJSON.init), forKey: .rejects)
  }
}

/// An event in JSON: `at`, `kind` and, where there is one, `detail`.
package struct EventJSON: Encodable {
  let at: String
  let kind: String
  let detail: String?

  package init(_ event: TaskEvent) {
    at = event.at.description
    kind = event.kind
    detail = event.detail
  }
}

/// A rejected record in JSON.
package struct RejectJSON: Encodable {
  let line: Int
  let column: Int
  let byte: Int
  let reason: String
  /// Bytes that are not UTF-8 show as U+FFFD; the rejects file has them as they are.
  let raw: String

  package init(_ reject: RejectedRecord) {
    line = reject.line
    column = reject.column
    byte = reject.byte
    reason = reject.reason
    raw = String(decoding: reject.raw, as: UTF8.self)
  }
}
