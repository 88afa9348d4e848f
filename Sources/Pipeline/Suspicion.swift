package import TaskModel

/// A task in whose midst the process ended again and again: perhaps for something in its file.
///
/// Nobody can tell that from kills by others, so it does not fail; but while others wait it is not begun, and then
/// alone, those first that were there at fewer ends. So a file that ends the process holds up nobody, and those that only
/// were beside it come through. Cost: a large file in whose midst the daemon is killed three times waits until nothing
/// else does.
package enum Suspicion {
  /// The event's detail, from start-up.
  static let interrupted = "watchd was stopped while it ran"
  private static let mostAttempts: Int64 = 3

  /// - Parameters:
  ///   - task: One that is queued.
  ///   - last: The last of its events.
  /// - Returns: Whether it has to wait for all others.
  package static func holds(_ task: TaskRecord, last: TaskEvent?) -> Bool {
    task.attempts >= mostAttempts && last?.kind == "requeued" && last?.detail == interrupted
  }
}
