import Logging
import TaskModel

// What waits, and for what: a name for its time, all of them for the end of a hold.
//
// Bounded: of the names, `InboxOptions.mostRemembered` are kept. One for which there is no room is looked at like any other, and
// is taken where it can be; where it has to wait it is left to the next scan, which comes once there is room.

/// Nothing is taken until a time.
struct Hold {
  enum Cause {
    /// The batch could not be made durable or recorded; it is tried again then.
    case recording
    /// Less space than is to stay free.
    case space
    /// The queue is full.
    case queue
  }

  let cause: Cause
  let until: SuspendingClock.Instant
  /// Why, for a person.
  let sentence: String

  /// Why a name has to wait for its end.
  var reason: Sighting.Reason {
    switch cause {
    case .recording: .trouble(sentence)
    case .space: .noSpace(sentence)
    case .queue: .queueFull(sentence)
    }
  }
}

extension Intake {
  /// When `round` wants to be called again, at the latest.
  var nextDue: SuspendingClock.Instant? {
    guard let hold else { return schedule.next }
    return min(hold.until, schedule.next ?? hold.until)
  }

  /// Why nothing is taken, whichever file it is, and not for want of space, which is said for itself; nil where files are.
  var hindrance: String? {
    guard let hold, hold.cause != .space else { return nil }
    return hold.sentence
  }

  /// Whether the inbox is to be looked through for names that were left out, now that there is room for them.
  var owesScan: Bool {
    hasLeftOut && hold == nil && candidates.count <= options.mostRemembered / 2
  }

  /// Nil where anything may be taken.
  mutating func reasonToHold() -> Hold? {
    let until = SuspendingClock.now + options.rescan
    do {
      try options.requireRoom()
    } catch {
      return Hold(cause: .queue, until: until, sentence: "\(error)")
    }
    do {
      try options.requireSpace()
      if isShort { logger.notice("files are taken again") }
      isShort = false
      board.note(shortage: nil)
      return nil
    } catch {
      let sentence = "\(error)"
      if !isShort { logger.error("no file is taken: \(sentence)") }
      isShort = true
      board.note(shortage: sentence)
      return Hold(cause: .space, until: until, sentence: sentence)
    }
  }

  /// Ends a hold, unless there is a reason for another.
  ///
  /// - Returns: The names that wait for its end and are not due by themselves.
  mutating func end(_ hold: Hold) throws -> [FileName] {
    self.hold = nil
    if hold.cause == .recording { try commit() } else { self.hold = reasonToHold() }
    guard self.hold == nil else { return [] }
    let names = candidates.filter { $0.value.due == hold.until }.map(\.key)
    for name in names { candidates[name]?.due = nil }
    return names
  }

  /// Whoever makes room in the queue wakes us; all else is tried again when its time has come.
  func isOver(_ hold: Hold, at now: SuspendingClock.Instant) -> Bool {
    if now >= hold.until { return true }
    guard hold.cause == .queue else { return false }
    do {
      try options.requireRoom()
      return true
    } catch {
      return false
    }
  }

  /// Has the name looked at again, and says why.
  ///
  /// - Returns: Whether that reason was not known of the name yet.
  @discardableResult
  mutating func wait(
    for name: FileName, until due: SuspendingClock.Instant, because reason: Sighting.Reason
  ) -> Bool {
    guard plan(name, due: due) else { return false }
    return board.note(reason, of: name)
  }

  /// - Returns: False where there is no room for one more name; a scan finds it.
  @discardableResult
  mutating func plan(_ name: FileName, due: SuspendingClock.Instant) -> Bool {
    guard remembers(name) else { return false }
    if candidates[name]?.due == due { return true }
    candidates[name, default: Candidate()].due = due
    schedule.add(name, due: due)
    return true
  }

  /// Whether the name is a candidate or may become one; where not, it is left to a scan.
  mutating func remembers(_ name: FileName) -> Bool {
    if candidates.count < options.mostRemembered || candidates[name] != nil { return true }
    hasLeftOut = true
    return false
  }

  mutating func forget(_ name: FileName) {
    candidates[name] = nil
    board.forget(name)
  }
}
