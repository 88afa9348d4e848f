import CSV
import ContentHash
import Testing

/// Feeds a file to a reader in pieces, as a caller does.
///
/// What is not consumed stays in front of the next piece. Each call gets a buffer of just the bytes
/// that it may see, so that debug builds trap at any access beyond them.
struct PieceReader: ~Copyable {
  private var file: [UInt8]
  private let original: [UInt8]
  private var start = 0
  private var reader: PlaysReader
  private var batch: RowBatch
  private var outcome = Outcome()
  private let looksAhead: Bool
  /// How far the file was hashed, and the hash up to there.
  private var hashed = 0
  private var hash = ContentHash()

  private init(_ input: [UInt8], capacity: Int, options: CSVOptions, looksAhead: Bool) {
    self.looksAhead = looksAhead
    file = input
    original = input
    reader = PlaysReader(options: options)
    batch = RowBatch(capacity: capacity)
  }

  /// Reads a file to its end or failure.
  ///
  /// - Parameters:
  ///   - input: The file.
  ///   - cuts: Ascending offsets at which a piece ends; the last piece ends with the file.
  ///   - capacity: Of the batch, in rows.
  ///   - options: The reader's.
  ///   - lateEnd: True where the end of the file shows only after its last byte was given.
  ///   - resumes: True where a new reader goes on after each piece, wherever that is possible.
  ///   - looksAhead: True where each piece behind the header is looked through, and hashed, before it is read.
  /// - Returns: All that came of it.
  static func read(
    _ input: [UInt8], cuts: some Sequence<Int> = [], capacity: Int = 4096,
    options: CSVOptions = CSVOptions(), lateEnd: Bool = false, resumes: Bool = false,
    looksAhead: Bool = false
  ) -> Outcome {
    var pieces = PieceReader(
      input, capacity: capacity, options: options, looksAhead: looksAhead)
    do throws(CSVFailure) {
      for cut in cuts {
        try pieces.read(to: cut, isFinal: false)
        if resumes, let point = pieces.reader.resumePoint {
          pieces.reader = PlaysReader(options: options, resumingAt: point)
        }
      }
      if lateEnd { try pieces.read(to: input.count, isFinal: false) }
      try pieces.read(to: input.count, isFinal: true)
    } catch {
      pieces.takeRows()
      pieces.outcome.failure = Outcome.Failure(kind: error.kind, position: error.position)
    }
    pieces.checkHash()
    pieces.outcome.header = pieces.reader.header
    pieces.outcome.rowsRead = pieces.reader.rowsRead
    pieces.outcome.rowsRejected = pieces.reader.rowsRejected
    return pieces.outcome
  }

  private mutating func read(to end: Int, isFinal: Bool) throws(CSVFailure) {
    lookAhead(to: end)
    while true {
      let progress = try readOnce(to: end, isFinal: isFinal)
      takeRows()
      start += progress.consumed
      #expect(start <= end, "more was consumed than there was")
      switch progress.stop {
      case .needsRoom:
        continue
      case .needsBytes:
        #expect(!isFinal, "there are no more bytes")
      case .finished:
        #expect(isFinal && start == end, "the file is not finished")
      }
      return
    }
  }

  private mutating func lookAhead(to end: Int) {
    guard looksAhead, let header = reader.header else { return batch.ends.forget() }
    // What was read with the header; as it was, for quotes may be undone in it.
    if hashed < start {
      unsafe original[hashed..<start].withUnsafeBytes { unsafe hash.update($0) }
      hashed = start
    }
    // As the caller does who cuts a piece off what was looked through: a few bytes more than will be read.
    let seen = min(file.count, end + 100)
    let (piece, new) = (start..<seen, min(hashed, seen) - start..<seen - start)
    unsafe file.withUnsafeMutableBufferPointer { pointer in
      var span = unsafe UnsafeMutableBufferPointer(rebasing: pointer[piece]).mutableSpan
      batch.ends.lookAhead(
        in: &span, separator: header.separator, hashing: new, into: &hash)
    }
    hashed = seen
  }

  private func checkHash() {
    var whole = ContentHash()
    unsafe original[..<hashed].withUnsafeBytes { unsafe whole.update($0) }
    #expect(hash.hexadecimal == whole.hexadecimal, "the hash of the first \(hashed) bytes")
  }

  private mutating func readOnce(
    to end: Int, isFinal: Bool
  ) throws(CSVFailure) -> PlaysReader.Progress {
    let range = start..<end
    // The span lives within the closure, and the array is not touched meanwhile.
    return try unsafe file.withUnsafeMutableBufferPointer {
      (pointer) throws(CSVFailure) -> PlaysReader.Progress in
      let piece = unsafe UnsafeMutableBufferPointer(rebasing: pointer[range])
      var span = unsafe piece.mutableSpan
      return try reader.read(
        &span, isFinal: isFinal, into: &batch, rejects: &outcome.rejects)
    }
  }

  /// Copies the batch out of the file, which the rows' offsets begin in at `start`.
  private mutating func takeRows() {
    for index in 0..<batch.count {
      let row = batch[index]
      let song = file[start + row.song.lowerBound..<start + row.song.upperBound]
      let date = file[start + row.date.lowerBound..<start + row.date.upperBound]
      outcome.rows.append(
        Outcome.Row(song: Array(song), date: Array(date), plays: row.plays))
    }
    batch.removeAll()
  }
}
