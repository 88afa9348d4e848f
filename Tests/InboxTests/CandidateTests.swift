import Files
import TaskModel
import Testing

@testable import Inbox

/// The decision, without a file or a clock: each row is a script of looks at one name.
@Suite struct CandidateTests {
  /// Times are in milliseconds since the start; the wall's clock stands a million seconds later.
  struct Look: Sendable {
    var at: Int
    var size = 1
    /// ctime by the wall's clock, in the same count; negative: before the start.
    var changed = 0
    var writers = OpenFile.Writers.none
    var hint: Hint?
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var looks: [Look]
    /// What each look gives; the settle time is 500.
    var verdicts: [Expected]

    init(_ description: String, _ looks: [Look], _ verdicts: [Expected]) {
      testDescription = description
      self.looks = looks
      self.verdicts = verdicts
    }
  }

  enum Expected: Hashable, Sendable {
    case claim
    case settling(until: Int)
    case open(until: Int)
  }

  static let cases = [
    Case("renamed in: at once", [Look(at: 0, hint: .movedIn)], [.claim]),
    Case(
      "written: after settle", [Look(at: 0, hint: .written), Look(at: 500)],
      [.settling(until: 500), .claim]),
    Case(
      "found by a scan, long there: at once", [Look(at: 0, changed: -3_600_000)], [.claim]),
    Case(
      "found by a scan, changed lately: the rest of settle", [Look(at: 0, changed: -200)],
      [.settling(until: 300)]),
    Case(
      "ctime in the future (the wall's clock was set back): our own watch counts",
      [
        Look(at: 0, changed: 9_000_000), Look(at: 499, changed: 9_000_000),
        Look(at: 500, changed: 9_000_000),
      ],
      [.settling(until: 500), .settling(until: 500), .claim]),
    Case(
      "each change begins anew",
      [Look(at: 0), Look(at: 400, size: 2, changed: 390), Look(at: 890, size: 2, changed: 390)],
      [.settling(until: 500), .settling(until: 890), .claim]),
    Case(
      "rewritten with the same size: ctime tells",
      [Look(at: 0), Look(at: 500, changed: 490)], [.settling(until: 500), .settling(until: 990)]),
    Case(
      "open: the probes back off to one second",
      (0...6).map { Look(at: $0 * 2000, writers: .some) },
      [
        .open(until: 50), .open(until: 2100), .open(until: 4200), .open(until: 6400),
        .open(until: 8800), .open(until: 11_000), .open(until: 13_000),
      ]),
    Case(
      "renamed in while open: has to settle after the close",
      [
        Look(at: 0, writers: .some, hint: .movedIn),
        Look(
          at: 20, size: 2, changed: 20,
          hint: .written), Look(at: 520, size: 2, changed: 20),
      ],
      [.open(until: 50), .settling(until: 520), .claim]),
    Case(
      "open for long without a write: taken at the close",
      [Look(at: 0, writers: .some), Look(at: 900, hint: .written)], [.open(until: 50), .claim]),
    Case(
      "renamed in, then written to: no longer trusted",
      [Look(at: 0, writers: .some, hint: .movedIn), Look(at: 10, changed: 5, hint: .written)],
      [.open(until: 50), .settling(until: 505)]),
    Case(
      "a change of rights does not make a rename untrue",
      [Look(at: 0, changed: 0, writers: .unknown, hint: .movedIn), Look(at: 5, hint: .touched)],
      [.settling(until: 500), .claim]),
    Case(
      "nobody knows of writers: renamed or old, we watch it ourselves",
      [
        Look(at: 0, changed: -3_600_000, writers: .unknown, hint: .movedIn),
        Look(at: 499, changed: -3_600_000, writers: .unknown),
        Look(at: 500, changed: -3_600_000, writers: .unknown),
      ],
      [.settling(until: 500), .settling(until: 500), .claim]),
  ]

  @Test(arguments: cases)
  func `a file is taken when both witnesses agree`(row: Case) throws {
    let start = SuspendingClock.now
    let wall: Int64 = 1_000_000_000_000_000
    var candidate = Candidate()
    var verdicts: [Verdict] = []
    for look in row.looks {
      if let hint = look.hint { candidate.note(hint) }
      let status = Self.status(of: look, wall: wall)
      verdicts.append(
        candidate.decide(
          .file(status, writers: look.writers),
          now: Moment(
            monotonic: start + .milliseconds(look.at), wall: wall + Int64(look.at) * 1_000_000),
          settle: .milliseconds(500), retry: .seconds(10)))
    }
    let expected = zip(row.looks, row.verdicts).map { look, verdict -> Verdict in
      switch verdict {
      case .claim: .claim(Self.status(of: look, wall: wall))
      case .settling(let until):
        .wait(until: start + .milliseconds(until), reason: .settling)
      case .open(let until):
        .wait(until: start + .milliseconds(until), reason: .openByWriter)
      }
    }
    #expect(verdicts == expected)
  }

  @Test func `what is missing is forgotten and what is not a file is left`() {
    var candidate = Candidate()
    let now = Moment.now()
    let settle = Duration.milliseconds(500)
    #expect(candidate.decide(.missing, now: now, settle: settle, retry: .seconds(10)) == .gone)
    for kind in [FileStatus.Kind.directory, .fifo, .socket, .symbolicLink, .device] {
      #expect(
        candidate.decide(.special(kind), now: now, settle: settle, retry: .seconds(10))
          == .ignore(.notRegular(kind)))
    }
  }

  @Test func `an unreadable file is tried again and says why`() {
    var candidate = Candidate()
    let now = Moment.now()
    let error = FileError("open", "inbox/a.csv", 13)
    #expect(
      candidate.decide(.unreadable(error), now: now, settle: .zero, retry: .seconds(10))
        == .wait(until: now.monotonic + .seconds(10), reason: .trouble(error.description)))
  }

  @Test func `a file that was put back is not taken at once for the rename that put it back`() {
    var candidate = Candidate()
    let now = Moment.now()
    candidate.putBack()
    candidate.note(.movedIn)
    let status = FileStatus(
      kind: .regular, device: 1, inode: 1, size: 1, modified: now.wall, changed: now.wall)
    #expect(
      candidate.decide(
        .file(status, writers: .none), now: now, settle: .seconds(1), retry: .seconds(10))
        == .wait(until: now.monotonic + .seconds(1), reason: .settling))
  }

  private static func status(of look: Look, wall: Int64) -> FileStatus {
    FileStatus(
      kind: .regular, device: 1, inode: 7, size: Int64(look.size), modified: 0,
      changed: wall + Int64(look.changed) * 1_000_000)
  }
}
