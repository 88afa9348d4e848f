import CSV
import TaskModel
import TaskStore

/// What came of one piece.
struct PieceReport {
  let number: Int
  var rowsRead = 0
  var rowsRejected = 0
  var rowsAccepted = 0
  var playsSum: Int128 = 0
  /// How many lines it has; the positions of what follows count them from 1.
  var lines = 0
  var rejects: [Reject] = []
  /// How many more were rejected and are not among `rejects`.
  var uncountedRejects = 0
  var failure: CSVFailure?
}

/// What is known of a file by now: the reports of its pieces, put together in the order of the file, whatever
/// the order in which they come.
///
/// So counts, lines and rejects are those of one thread that reads from front to back; what comes behind a
/// failure does not count, though it may have been read already.
struct Ledger: ~Copyable, Sendable {
  private(set) var rowsRead: Int64 = 0
  private(set) var rowsRejected: Int64 = 0
  /// How many rows were added up; the reader's own count is held against it.
  private(set) var rowsAccepted: Int64 = 0
  private(set) var playsSum: Int128 = 0
  /// On which the next piece begins.
  private(set) var line: Int
  private(set) var failure: FileFailure?
  var rejects: RejectsFile
  private var nextPiece = 0
  private var early: [Int: PieceReport] = [:]

  init(firstLine: Int, rejects: consuming RejectsFile) {
    line = firstLine
    self.rejects = rejects
  }

  /// Begins at a place before which nothing was rejected.
  init(resumingAt point: ResumePoint, rejects: consuming RejectsFile) {
    self.init(firstLine: point.line, rejects: rejects)
    rowsRead = point.rowsRead
    rowsAccepted = point.rowsRead
    playsSum = point.playsSum
  }

  /// Takes the sum of an earlier attempt for all that was read up to a place; false where that attempt did not
  /// find the same there.
  mutating func resume(at point: ResumePoint) -> Bool {
    guard
      failure == nil, early.isEmpty, line == point.line, rowsRead == point.rowsRead,
      rowsRejected == point.rowsRejected
    else { return false }
    playsSum = point.playsSum
    return true
  }

  func progress(bytesRead: Int64) -> IngestProgress {
    IngestProgress(bytesRead: bytesRead, rowsRead: rowsRead, rowsRejected: rowsRejected)
  }

  /// Takes a report; it counts once those of all pieces before it are there.
  ///
  /// - Throws: As `RejectsFile.append`.
  mutating func take(_ report: PieceReport) throws {
    early[report.number] = report
    while failure == nil, let next = early.removeValue(forKey: nextPiece) {
      try count(next)
      nextPiece += 1
    }
  }

  private mutating func count(_ report: PieceReport) throws {
    rowsRead += Int64(report.rowsRead)
    rowsRejected += Int64(report.rowsRejected)
    rowsAccepted += Int64(report.rowsAccepted)
    playsSum += report.playsSum
    if !report.rejects.isEmpty {
      let above = line - 1
      try rejects.append(
        report.rejects.map { reject in
          var reject = reject
          reject.position = reject.position.movedDown(by: above)
          return reject
        })
    }
    rejects.count(report.uncountedRejects)
    if let failure = report.failure {
      self.failure = FileFailure(failure.movedDown(by: line - 1))
    }
    line += report.lines
  }
}
