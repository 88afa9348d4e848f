import TaskModel

/// How fast the running tasks read, seen from one picture to the next.
struct Speeds {
  private struct Seen {
    let at: ContinuousClock.Instant
    let bytes: Int64
    let perSecond: Double?
  }

  private var seen: [TaskID: Seen] = [:]
  private var latest: ContinuousClock.Instant?

  mutating func note(_ tasks: [TaskRecord], at now: ContinuousClock.Instant) {
    var next: [TaskID: Seen] = [:]
    for task in tasks where task.status == .running {
      let before = seen[task.taskID]
      if let before, before.bytes == task.bytesRead {
        // The manifest is told once a second, so a picture without news keeps the last speed.
        next[task.taskID] = before
      } else {
        let speed = before.map { before in
          Double(task.bytesRead - before.bytes) / max(0.001, (now - before.at).inSeconds)
        }
        next[task.taskID] = Seen(at: now, bytes: task.bytesRead, perSecond: speed)
      }
    }
    seen = next
    latest = now
  }

  /// For how long a task has read nothing, as far as pictures were drawn; nil before the first one.
  func stillness(of task: TaskID) -> Duration? {
    guard let latest, let seen = seen[task] else { return nil }
    return latest - seen.at
  }

  /// Bytes a second; nil before a second picture.
  func speed(of task: TaskID) -> Double? { seen[task]?.perSecond }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
