/// How long to wait before a task that the machine failed is tried again.
package enum Backoff {
  /// One second, doubling, up to a minute.
  package static func delay(beforeRetry attempt: Int) -> Duration {
    .seconds(min(60, 1 << min(attempt - 1, 6)))
  }
}
