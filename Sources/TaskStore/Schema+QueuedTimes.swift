extension Schema {
  /// "What came since then": without it, who asks for the last hour of a million tasks reads all of them.
  static let queuedTimes = "CREATE INDEX manifest_queued ON manifest (queued_at);"
}
