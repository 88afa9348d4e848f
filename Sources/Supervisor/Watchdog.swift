package import Files

/// Decides whether the daemon as a whole moves, from looks at each piece of its work.
///
/// A piece moves that took a step since the last look, or that waits and is not over its time. One that does neither
/// for longer than the patience hangs, and then the daemon hangs, whatever else goes on.
package struct Watchdog: Sendable {
  /// One piece of work at the moment of the look.
  package struct Look: Sendable {
    /// Unique among the looks.
    package let id: String
    /// For people.
    package let name: String
    package let pulse: Pulse.State

    package init(id: String, name: String, _ pulse: Pulse.State) {
      self.id = id
      self.name = name
      self.pulse = pulse
    }
  }

  private let patience: Duration
  private var moved: [String: (steps: UInt64, at: SuspendingClock.Instant)] = [:]
  private var lastLook: SuspendingClock.Instant?

  package init(patience: Duration) {
    self.patience = patience
  }

  /// - Returns: The names of what hangs; none where the daemon moves.
  package mutating func hanging(
    _ looks: [Look], now: SuspendingClock.Instant
  ) -> [String] {
    // Nobody looked for so long: the whole process was stopped, and nothing could move.
    let wasAway = lastLook.map { now - $0 > patience } ?? true
    lastLook = now
    var hanging: [String] = []
    var still: [String: (steps: UInt64, at: SuspendingClock.Instant)] = [:]
    for look in looks {
      let before = moved[look.id]
      let waits = look.pulse.waitsUntil.map { now <= $0 + patience } ?? false
      if let before, before.steps == look.pulse.steps, !waits, !wasAway {
        still[look.id] = before
        if now - before.at > patience { hanging.append(look.name) }
      } else {
        still[look.id] = (look.pulse.steps, now)
      }
    }
    // What is over is forgotten with it.
    moved = still
    return hanging
  }
}
