import CSV
import Tally
import TaskModel

/// One thread's share of the reading: pieces to rows, rows to sums.
struct PieceReader: ~Copyable {
  private let options: CSVOptions
  private let header: Header
  private let mostRejects: Int
  private var tally: Tally
  private var buffer: InputBuffer
  private var batch = RowBatch(capacity: 4096)

  init(
    header: Header, options: CSVOptions, mostRejects: Int, tally: consuming Tally
  ) {
    self.mostRejects = mostRejects
    self.header = header
    self.options = options
    self.tally = tally
    buffer = InputBuffer(capacity: 256 << 10)
  }

  /// Takes and reads one piece; false where there is none.
  mutating func readPiece(of reading: Reading) throws -> Bool {
    guard let piece = try reading.nextPiece(into: &buffer, ends: &batch.ends) else { return false }
    try reading.take(read(piece))
    return true
  }

  /// Reads the next piece for its counts and rejects alone; nil at the end of the file.
  mutating func skimPiece(of feed: inout RecordFeed) throws -> PieceReport? {
    guard let piece = try feed.next(into: &buffer, ends: &batch.ends) else { return nil }
    return read(piece, addsRows: false)
  }

  /// True when the sums are to be taken out.
  var isFull: Bool { tally.isFull }

  /// Takes the sums out, sorted, and begins with none.
  mutating func takeSorted() -> SortedTally {
    var full = Tally(after: tally)
    swap(&full, &tally)
    return SortedTally(full)
  }

  private mutating func read(_ piece: Piece, addsRows: Bool = true) -> PieceReport {
    var report = PieceReport(number: piece.number)
    var reader = PlaysReader(
      options: options,
      resumingAt: PlaysReader.ResumePoint(
        bytesRead: piece.offset, line: 1, rowsRead: 0, rowsRejected: 0, header: header,
        endedWithCR: piece.followsCR))
    let before = tally.playsSum
    var isDone = false
    while !isDone {
      let unparsed = unsafe UnsafeRawBufferPointer(buffer.unparsed)
      do throws(CSVFailure) {
        let progress = try buffer.withBytes { bytes throws(CSVFailure) in
          try reader.read(
            &bytes, isFinal: piece.isFinal, into: &batch, rejects: &report.rejects)
        }
        if addsRows { unsafe tally.add(batch, in: unparsed) }
        buffer.consume(progress.consumed)
        isDone = progress.stop != .needsRoom
      } catch {
        if addsRows { unsafe tally.add(batch, in: unparsed) }
        report.failure = error
        isDone = true
      }
      report.rowsAccepted += batch.count
      let surplus = report.rejects.count - mostRejects
      if surplus > 0 {
        report.rejects.removeLast(surplus)
        report.uncountedRejects += surplus
      }
    }
    report.rowsRead = reader.rowsRead
    report.rowsRejected = reader.rowsRejected
    report.lines = reader.line - 1
    report.playsSum = tally.playsSum - before
    return report
  }
}
