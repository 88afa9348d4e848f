/// What the tasks of this process came to, for metrics: it only grows.
package struct TaskMeter: Sendable {
  package private(set) var ended: [TaskStatus: Int] = [:]
  package private(set) var rowsRead: Int64 = 0
  package private(set) var rowsRejected: Int64 = 0
  package private(set) var bytesRead: Int64 = 0
  /// From when the file was taken until its task was over.
  package private(set) var latency = Histogram(bounds: Self.bounds)
  /// Without the time in the queue.
  package private(set) var processing = Histogram(bounds: Self.bounds)

  private static let bounds = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200,
  ]

  package init() {}

  /// Counts a task by its receipt.
  package mutating func count(_ task: Receipt, bytesRead read: Int64) {
    ended[task.status, default: 0] += 1
    rowsRead += task.rowsRead
    rowsRejected += task.rowsRejected
    bytesRead += read
    guard let finished = task.finishedAt else { return }
    latency.count(seconds: finished.seconds(since: task.queuedAt))
    if let started = task.startedAt { processing.count(seconds: finished.seconds(since: started)) }
  }
}

/// How often a time was at most so long.
package struct Histogram: Sendable {
  /// Seconds, growing.
  package let bounds: [Double]
  /// Of those up to a bound and above the one before; the last one is of those above all.
  package private(set) var counts: [Int]
  package private(set) var sum = 0.0

  package init(bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  package mutating func count(seconds: Double) {
    counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
    sum += seconds
  }
}

extension Timestamp {
  fileprivate func seconds(since earlier: Timestamp) -> Double {
    Double(max(0, milliseconds - earlier.milliseconds)) / 1000
  }
}
