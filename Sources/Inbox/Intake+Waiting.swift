import Files
import Logging
import TaskModel

// What waits, and for what: a name for its time, all of them for the end of a hold.
//
// Bounded: of the names, `InboxOptions.mostRemembered` are kept. One for which there is no room is looked at like any other, and
// is taken where it can be; where it has to wait it is left to the next scan, which comes once there is room.

/// Nothing is taken until a time, or until its reason is gone.
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
  var until: SuspendingClock.Instant
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

  /// Whether the inbox is to be looked through for names that were left out, now that there is room for them.
  var owesScan: Bool {
    hasLeftOut && hold == nil && candidates.count <= options.mostRemembered / 2
  }

  /// Nil where anything may be taken.
  mutating func reasonToHold() -> Hold? {
    let hold = shortage()
    board.note(shortage: hold?.sentence)
    if hold?.cause != toldCause {
      switch hold?.cause {
      case nil: logger.notice("files are taken again")
      case .queue: logger.notice("no file is taken: \(hold?.sentence ?? "")")
      case .space, .recording: logger.error("no file is taken: \(hold?.sentence ?? "")")
      }
      toldCause = hold?.cause
    }
    return hold
  }

  private func shortage() -> Hold? {
    let until = SuspendingClock.now + options.rescan
    do {
      try options.requireRoom()
    } catch {
      return Hold(cause: .queue, until: until, sentence: "\(error)")
    }
    do {
      try options.requireSpace()
    } catch {
      return Hold(cause: .space, until: until, sentence: "\(error)")
    }
    return nil
  }

  /// Ends a hold whose reason is gone, or whose time has come; what failed to be recorded is tried again then only.
  ///
  /// - Returns: What is to be looked at because of that. All names, for of one that waits for a hold it is not known for which.
  mutating func release(at now: SuspendingClock.Instant = .now) throws -> [FileName] {
    guard let held = hold, now >= held.until || held.cause != .recording else { return [] }
    hold = nil
    if held.cause == .recording { try commit() }
    if hold == nil { hold = reasonToHold() }
    if let next = hold, now < held.until { hold?.until = min(next.until, held.until) }
    guard hold == nil else {
      // While nothing is taken, sources whose copies are recorded can still go, which makes room.
      return now >= held.until ? copies.names : []
    }
    let names = Array(candidates.keys)
    for name in names { candidates[name]?.due = nil }
    schedule.removeAll()
    return names
  }

  /// Waits for the end of a hold with a name, where a file has it.
  mutating func keep(_ name: FileName, until hold: Hold) {
    do throws(FileError) {
      guard try claimer.inbox.status(of: name)?.kind == .regular else { return forget(name) }
    } catch {
      logger.debug("\(name.shown) waits, though: \(error)")
    }
    wait(for: name, until: hold.until, because: hold.reason)
  }

  /// Believes no event of a rename any more, after events were lost: one of a later write may be among them.
  mutating func doubtEvents() {
    for name in candidates.keys { candidates[name]?.doubtEvents() }
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
