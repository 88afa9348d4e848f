import CSV
import Dispatch
import Files
import Synchronization
import Tally
import TaskModel
import TaskStore

/// The sums of all members at a moment at which none of them had a piece in hand: of all rows before one place
/// in the file, less what was in the set before it, and of no row behind it.
struct RunSet: Sendable {
  let parts: [SortedTally]
  /// True where nothing more is to be read.
  let isLast: Bool
  /// The place.
  let end: ResumePoint
}

/// Several threads reading one file: what they share, and how they meet.
///
/// Each member takes pieces from the feed, one member at a time, and adds their rows to a tally of its
/// own. When one of the tallies is full, or the file is at its end, every member ends its piece, sorts
/// its tally and hands it in; the last one to come makes a set of all, which the caller loads while the
/// members read on. At most two sets exist: one being loaded, one in the making.
final class Reading: Sendable {
  let feed: Mutex<RecordFeed>
  let ledger: Mutex<Ledger>
  private let meeting: Monitor<Meeting>
  private let settings: String
  private let stop: StopFlag
  private let hasFailed = Atomic(false)

  private struct Meeting: Sendable {
    var members = 0
    var isWanted = false
    /// How many members have no piece in hand.
    var arrived = 0
    var place: ResumePoint?
    var isAtEnd = false
    var parts: [SortedTally] = []
    /// How many sets were made.
    var sets = 0
    var ready: RunSet?
    /// From the moment at which a set is made until it is in the database.
    var isLoading = false
    var isOver = false
    var failure: (any Error)?

    /// Makes a set where all members came, and the set before it is gone from memory.
    mutating func makeSet() {
      guard members > 0, parts.count == members, !isLoading, let end = place else { return }
      ready = RunSet(parts: parts, isLast: isAtEnd, end: end)
      isOver = isAtEnd
      isLoading = true
      parts = []
      place = nil
      arrived = 0
      sets += 1
      isWanted = false
    }
  }

  /// - Parameters:
  ///   - ledger: What is known before anything is read.
  ///   - feed: Its header is read.
  ///   - settings: Of the resume points.
  ///   - stop: Looked at before each piece.
  init(
    ledger: consuming Ledger, feed: consuming RecordFeed, settings: String, stop: StopFlag
  ) {
    self.settings = settings
    self.feed = Mutex(feed)
    self.ledger = Mutex(ledger)
    self.stop = stop
    meeting = Monitor(Meeting())
  }

  /// What ends the file, whatever else is in it.
  var failure: FileFailure? {
    feed.withLock { $0.failure } ?? ledger.withLock { $0.failure ?? $0.rejects.tooMany }
  }

  /// Takes a report.
  func take(_ report: PieceReport) throws {
    let hasFailed = try ledger.withLock { ledger in
      try ledger.take(report)
      return ledger.failure != nil
    }
    if hasFailed { self.hasFailed.store(true, ordering: .releasing) }
  }

  /// True where nothing more has to be read: the file is at its end, or fails.
  var isOver: Bool { hasFailed.load(ordering: .acquiring) || feed.withLock { $0.isAtEnd } }

  /// Where the reading is; for a caller who knows that nobody has a piece in hand.
  func place() -> ResumePoint {
    feed.withLock { feed in
      ledger.withLock { ledger in
        ResumePoint(
          offset: feed.offset, hashedBytes: feed.hashedBytes, hashedSHA256: feed.sha256,
          line: ledger.line, rowsRead: ledger.rowsRead, rowsRejected: ledger.rowsRejected,
          playsSum: ledger.playsSum, settings: settings)
      }
    }
  }

  /// Fills an empty buffer with the next piece; nil where nothing more has to be read.
  func nextPiece(into buffer: inout InputBuffer, ends: inout FieldEnds) throws -> Piece? {
    try stop.check()
    if hasFailed.load(ordering: .acquiring) { return nil }
    return try feed.withLock { feed in try feed.next(into: &buffer, ends: &ends) }
  }

  /// Starts the members, each on a thread of its own.
  ///
  /// - Throws: `FileError` where the system has no thread to give, after those that were started have ended.
  func start(members: Int, makeReader: @escaping @Sendable () -> PieceReader) throws {
    meeting.change { $0.members = members }
    for number in 1...members {
      do throws(FileError) {
        try SystemThread.start(named: "reader-\(number)") { self.work(makeReader()) }
      } catch {
        meeting.change { $0.members -= members - number + 1 }
        abandon(because: error)
        throw error
      }
    }
  }

  /// Has the members read to the end.
  ///
  /// - Parameters:
  ///   - patience: How long to wait for a set before `whileWaiting` is called.
  ///   - whileWaiting: Called again and again while there is no set.
  ///   - keep: Takes each set but the last one out of memory; a file that is certain to fail has none, for it is
  ///     read on for its counts and rejects alone.
  /// - Returns: The sums of the last set.
  /// - Throws: What ended a member or was thrown by the caller's functions, after all members have ended.
  func lastParts(
    patience: Duration, whileWaiting: () throws -> Void, keep: (RunSet) throws -> Void
  ) throws -> [SortedTally] {
    do {
      while true {
        guard let set = try nextSet(patience: patience) else {
          try whileWaiting()
          continue
        }
        if set.isLast { return set.parts }
        if failure == nil { try keep(set) }
        meeting.change { meeting in
          meeting.isLoading = false
          meeting.makeSet()
        }
      }
    } catch {
      abandon(because: error)
      throw error
    }
  }

  /// The next set, once it is there; nil where nothing came for as long as `patience`.
  ///
  /// - Throws: What ended a member, after all of them have ended.
  private func nextSet(patience: Duration) throws -> RunSet? {
    let deadline = DispatchTime.after(patience)
    let result: Result<RunSet?, any Error> = meeting.wait { meeting in
      if let failure = meeting.failure {
        return meeting.members == 0 ? .ready(.failure(failure)) : .wait(until: nil)
      }
      if let set = meeting.ready {
        meeting.ready = nil
        return .ready(.success(set))
      }
      return DispatchTime.now() < deadline ? .wait(until: deadline) : .ready(.success(nil))
    }
    return try result.get()
  }

  /// Ends the members, and waits until they have.
  private func abandon(because error: any Error) {
    meeting.change { meeting in
      meeting.failure = meeting.failure ?? error
      meeting.isWanted = true
    }
    meeting.wait { meeting in meeting.members == 0 ? .ready(()) : .wait(until: nil) }
  }

  private func work(_ reader: consuming PieceReader) {
    // The loader is what a large file waits for, and small files have to get by: both come before reading on.
    SystemThread.yieldToOthers()
    do {
      var isOver = false
      while !isOver {
        while !isWanted, try reader.readPiece(of: self) {
          if reader.isFull { meeting.change { $0.isWanted = true } }
        }
        arrive()
        isOver = try handIn(reader.takeSorted())
      }
    } catch {
      meeting.change { meeting in
        meeting.failure = meeting.failure ?? error
        meeting.isWanted = true
      }
    }
    meeting.change { $0.members -= 1 }
  }

  /// Whether the members are to meet before they take another piece.
  private var isWanted: Bool {
    meeting.wait { meeting in .ready(meeting.isWanted || meeting.failure != nil) }
  }

  /// Says that a member has no piece in hand; the last one to come takes down where the file is.
  private func arrive() {
    let isLast = meeting.change { meeting in
      meeting.arrived += 1
      return meeting.arrived == meeting.members
    }
    guard isLast else { return }
    let (place, isAtEnd) = (place(), isOver)
    meeting.change { meeting in
      meeting.place = place
      meeting.isAtEnd = isAtEnd
      meeting.makeSet()
    }
  }

  /// Hands a member's sums in and waits for the others; true where there is nothing more to read.
  private func handIn(_ part: SortedTally) throws -> Bool {
    let number = meeting.change { meeting in
      let number = meeting.sets
      meeting.parts.append(part)
      meeting.makeSet()
      return number
    }
    let result: Result<Bool, any Error> = meeting.wait { meeting in
      if let failure = meeting.failure { return .ready(.failure(failure)) }
      return meeting.sets > number ? .ready(.success(meeting.isOver)) : .wait(until: nil)
    }
    return try result.get()
  }
}
