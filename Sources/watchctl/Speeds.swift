import TaskModel

/// How fast the running tasks read, and whether they move, seen from one picture to the next.
struct Speeds {
  private struct Seen {
    /// The pictures that the speed is taken of, the oldest first.
    var course: [Place]
    let steps: Steps
    /// When the last step was seen.
    let moved: ContinuousClock.Instant
  }

  private struct Place {
    let bytes: Int64
    let at: ContinuousClock.Instant
  }

  /// Bytes come in bursts, between which sums are loaded: a speed of less would jump to and fro, and the time left with it.
  private static let span = Duration.seconds(10)

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
      let motion = motions[task.taskID]
      let steps = Steps(bytes: task.bytesRead, groups: task.groups, motion: motion)
      var course = before?.course ?? []
      // What is only compared goes at another speed.
      if before?.steps.motion?.isGoingOver != motion?.isGoingOver { course = [] }
      course.append(Place(bytes: task.bytesRead, at: now))
      while course.count > 2, now - course[1].at >= Self.span { course.removeFirst() }
      next[task.taskID] = Seen(
        course: course, steps: steps,
        moved: before?.steps == steps ? before?.moved ?? now : now)
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
  func speed(of task: TaskID) -> Double? {
    guard let course = seen[task]?.course, course.count > 1, let first = course.first,
      let last = course.last
    else { return nil }
    return Double(last.bytes - first.bytes) / max(0.001, (last.at - first.at).inSeconds)
  }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
