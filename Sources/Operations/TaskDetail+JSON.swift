package import TaskModel

extension TaskDetail: Encodable {
  private enum ExtraKeys: String, CodingKey {
    case prunedAt = "pruned_at"
    case events
    case rejects
  }

  /// The keys of the task, and `pruned_at`, `events` and `rejects` beside them.
  package func encode(to encoder: any Encoder) throws {
    try record.encode(to: encoder)
    var container = encoder.container(keyedBy: ExtraKeys.self)
    try container.encode(prunedAt?.description, forKey: .prunedAt)
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

  private enum CodingKeys: String, CodingKey {
    case at
    case kind
    case detail
  }

  /// Every key always, so that a reader finds them.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(at, forKey: .at)
    try container.encode(kind, forKey: .kind)
    try container.encode(detail, forKey: .detail)
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
