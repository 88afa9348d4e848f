import TaskModel

/// How fast the running tasks read, and whether they move, seen from one picture to the next.
struct Speeds {
  private struct Seen {
    let bytes: Int64
    /// When they became so many.
    let at: ContinuousClock.Instant
    let perSecond: Double?
    let steps: Steps
    /// When the last step was seen.
    let moved: ContinuousClock.Instant
  }

  /// What changes while a task is at work: a file that is read to its end, or whose readers wait for the database, has no
  /// more bytes read, but batches loaded, or groups written.
  private struct Steps: Equatable {
    let bytes: Int64
    let groups: Int64?
    let motion: TaskMotion?
  }

  private var seen: [TaskID: Seen] = [:]
  private var latest: ContinuousClock.Instant?

  /// - Parameters:
  ///   - tasks: As they are shown.
  ///   - motions: What each running one is at.
  ///   - now: When that was asked.
  mutating func note(
    _ tasks: [TaskRecord], motions: [TaskID: TaskMotion], at now: ContinuousClock.Instant
  ) {
    var next: [TaskID: Seen] = [:]
    for task in tasks where task.status == .running {
      let before = seen[task.taskID]
      let steps = Steps(
        bytes: task.bytesRead, groups: task.groups, motion: motions[task.taskID])
      // The manifest is told once a second, so a picture without news keeps the last speed.
      let isFurther = before?.bytes != task.bytesRead
      let speed = before.map { before in
        Double(task.bytesRead - before.bytes) / max(0.001, (now - before.at).inSeconds)
      }
      next[task.taskID] = Seen(
        bytes: task.bytesRead, at: isFurther ? now : before?.at ?? now,
        perSecond: isFurther ? speed : before?.perSecond,
        steps: steps, moved: before?.steps == steps ? before?.moved ?? now : now)
    }
    seen = next
    latest = now
  }

  /// For how long a task has made no step, as far as pictures were drawn; nil before the first one.
  func stillness(of task: TaskID) -> Duration? {
    guard let latest, let seen = seen[task] else { return nil }
    return latest - seen.moved
  }

  /// Whether a task reads again what is loaded already.
  func isGoingOver(_ task: TaskID) -> Bool { seen[task]?.steps.motion?.isGoingOver ?? false }

  /// Bytes a second; nil before a second picture.
  func speed(of task: TaskID) -> Double? { seen[task]?.perSecond }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
