import Files
import Glibc

/// A moment on both clocks: the monotonic one, which measures how long something held still, and
/// the one of the wall, against which the kernel's ctime is read.
struct Moment {
  /// CLOCK_MONOTONIC: stands still while the machine sleeps, and so do the writers.
  var monotonic: SuspendingClock.Instant
  /// Nanoseconds since 1970.
  var wall: Int64

  static func now() -> Moment {
    var time = timespec()
    let result = unsafe clock_gettime(CLOCK_REALTIME, &time)
    precondition(result == 0, "CLOCK_REALTIME exists on every Linux (clock_gettime(2))")
    return Moment(
      monotonic: .now, wall: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

/// What a look at a name in the inbox found.
enum Observation {
  case missing
  /// Not a regular file; it was not opened.
  case special(FileStatus.Kind)
  /// A regular file, and whether somebody has it open for writing.
  case file(FileStatus, writers: OpenFile.Writers)
  /// A regular file that could not be opened.
  case unreadable(FileError)
}

/// What to do about a candidate.
enum Verdict: Equatable {
  /// It is whole: take it, as long as it still is what was seen.
  case claim(FileStatus)
  /// Look again then, or sooner when an event names it.
  case wait(until: SuspendingClock.Instant, reason: Sighting.Reason)
  /// It stays where it is; only an event or a scan brings it back.
  case ignore(Sighting.Reason)
  case gone
}

/// A name in the inbox that may be taken once it is whole: what we know of it so far.
///
/// The decision is a value without a clock or a file in it, so that every case is a row in a table.
/// Two witnesses say that a file is whole. The kernel knows whether somebody has it open for
/// writing (a lease is refused); a file that was renamed in while nobody had is taken at once, for
/// that is how a careful sender says "complete". Anyone else may come back to append, so without a
/// rename the file must also hold still for `settle`. ctime tells how long it did before we came:
/// no program can set it back, so a file that lay there for an hour is not made to wait. Where the
/// kernel does not say (another owner's file, a network file system), neither a rename nor ctime,
/// which another machine's clock may have set, is believed: only what we watched ourselves.
struct Candidate {
  /// Came by a rename, and nothing seen since speaks against it.
  private(set) var movedIn = false
  /// An event named it; false for one that only a scan found.
  private(set) var hinted = false
  /// When it is to be looked at again; an entry of the schedule for another time is void.
  var due: SuspendingClock.Instant?
  /// Its claim was undone by putting it back, which the watch reports as a rename like any other.
  private var wasPutBack = false
  private var state: FileStatus?
  private var since: SuspendingClock.Instant?
  private var refusals = 0

  private static let firstProbe = Duration.milliseconds(50)
  private static let lastProbe = Duration.seconds(1)

  /// Takes in what an event says of the name.
  mutating func note(_ hint: Hint) {
    hinted = true
    switch hint {
    case .movedIn: movedIn = !wasPutBack
    case .written: movedIn = false
    case .touched: break
    }
  }

  /// Forgets that it came by a rename, where an event that speaks against that may have been lost.
  mutating func doubtEvents() { movedIn = false }

  /// Forgets what speaks for an early claim, after a claim that had to be undone.
  mutating func putBack() {
    wasPutBack = true
    movedIn = false
    state = nil
  }

  /// Decides, and remembers what was seen for the next decision.
  ///
  /// `settle` is how long a file that was not renamed in has to hold still; `retry`, after how long
  /// an unreadable one is tried again.
  mutating func decide(
    _ observation: Observation, now: Moment, settle: Duration, retry: Duration
  ) -> Verdict {
    switch observation {
    case .missing: return .gone
    case .special(let kind): return .ignore(.notRegular(kind))
    case .unreadable(let error):
      return .wait(until: now.monotonic + retry, reason: .trouble(error.description))
    case .file(let status, let writers):
      // A rename moves ctime; so does a chmod, which is harmless but not worth telling apart.
      if state != status {
        state = status
        since = now.monotonic
      }
      if writers == .some { return refuse(now) }
      refusals = 0
      if movedIn, writers == .none { return .claim(status) }
      let quiet = quietTime(of: status, writers: writers, now: now)
      if quiet >= settle { return .claim(status) }
      return .wait(until: now.monotonic + (settle - quiet), reason: .settling)
    }
  }

  /// Waits for the writer: its close is an event, but a lost event must not cost more than a
  /// second.
  private mutating func refuse(_ now: Moment) -> Verdict {
    movedIn = false
    let pause = min(Self.firstProbe * (1 << min(refusals, 10)), Self.lastProbe)
    refusals += 1
    return .wait(until: now.monotonic + pause, reason: .openByWriter)
  }

  private func quietTime(
    of status: FileStatus, writers: OpenFile.Writers, now: Moment
  ) -> Duration {
    let watched = since.map { $0.duration(to: now.monotonic) } ?? .zero
    guard writers == .none else { return watched }
    let (age, overflow) = now.wall.subtractingReportingOverflow(status.changed)
    return overflow ? watched : max(watched, .nanoseconds(age))
  }
}
