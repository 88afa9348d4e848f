import CSV
import ContentHash
import Files
import TaskModel
import TaskStore

/// A piece of the contents that holds whole records, and can be read by itself.
struct Piece {
  /// From 0, in the order of the file.
  let number: Int
  /// Of its first byte, in the contents.
  let offset: Int
  /// The byte before it is a CR: an LF at its beginning ends no line of its own.
  let followsCR: Bool
  let isFinal: Bool
}

/// The contents of a claimed file, read from front to back, hashed, and cut into pieces of whole records.
///
/// Reading, hashing and cutting are the part of the work that has to be done in the order of the file. They take less
/// time than parsing and adding up, so that two threads that share one feed, one at a time, are hardly
/// held up by it; with many the hash is the limit.
struct RecordFeed: ~Copyable, Sendable {
  private var contents: Contents
  private var reader: PlaysReader
  private let maxRecord: Int
  private let pieceSize: Int
  private let stop: StopFlag
  private var cutter: RecordCutter?
  /// What was read and is not in a piece yet; it begins a record.
  private var tail: InputBuffer
  /// Of the tail's first byte, in the contents.
  private(set) var offset = 0
  private var followsCR = false
  private var pieces = 0
  /// Every byte of the file was given out, or no more will be.
  private(set) var isAtEnd = false
  private var headerFailure: FileFailure?

  /// Opens the feed, which has read nothing.
  ///
  /// - Parameters:
  ///   - input: The claimed file.
  ///   - options: Of the reader.
  ///   - pieceSize: Bytes read for each piece.
  ///   - stop: Looked at where bytes are read and nobody parses them.
  init(
    _ input: consuming InputFile, options: CSVOptions, pieceSize: Int, stop: StopFlag
  ) {
    self.stop = stop
    contents = Contents(input: input)
    self.pieceSize = pieceSize
    reader = PlaysReader(options: options)
    maxRecord = options.maxRecord
    tail = InputBuffer(capacity: 2 * pieceSize)
  }

  var header: Header? { reader.header }
  /// A piece is only read behind the header, which has it.
  private var separator: UInt8 { header?.separator ?? UInt8(ascii: ",") }
  /// The line on which the first piece begins.
  var firstLine: Int { reader.line }
  /// What ends the file before its records do: its header, or a packed file that cannot be unpacked.
  var failure: FileFailure? { headerFailure ?? contents.damage }
  /// Of the file, as it lies on the disk.
  var bytesRead: Int64 { contents.input.bytesRead }
  var hashedBytes: Int { contents.input.hash.count }
  /// Of the contents that were read.
  var sha256: String { contents.input.hash.hexadecimal }
  /// Nil where a packed file could not be unpacked to its end: the hash of a part says nothing.
  var wholeSHA256: String? { contents.damage == nil ? sha256 : nil }

  /// Makes sure that nobody wrote to the file while it was read.
  ///
  /// - Throws: `ChangedWhileRead`; what was read must be forgotten.
  func checkUnchanged() throws { try contents.input.checkUnchanged() }

  /// Reads the header; sets `failure` where there is none that can be used.
  mutating func begin() throws { try begin(upTo: .max) }

  /// Goes to where an earlier attempt stood.
  ///
  /// - Parameters:
  ///   - point: Where it stood.
  ///   - tell: Called for each piece on the way, with how far that is.
  /// - Returns: False where the file is not what that attempt read; the feed is then useless.
  /// - Throws: What `tell` throws, and the machine's errors.
  mutating func resume(at point: ResumePoint, tell: (IngestProgress) throws -> Void) throws -> Bool
  {
    try begin(upTo: point.hashedBytes)
    guard failure == nil, header != nil, offset <= point.offset else { return false }
    while hashedBytes < point.hashedBytes {
      if offset + tail.count < point.offset {
        offset += tail.count
        tail.removeAll()
      }
      try stop.check()
      let most = min(pieceSize, point.hashedBytes - hashedBytes)
      if try !readTail(most: most) { return false }
      try tell(IngestProgress(bytesRead: bytesRead, rowsRead: 0, rowsRejected: 0))
    }
    guard offset + tail.count >= point.offset, sha256 == point.hashedSHA256 else {
      return false
    }
    tail.consume(point.offset - offset)
    offset = point.offset
    followsCR = false
    return true
  }

  /// Fills an empty buffer with the next piece, and finds where its fields end; nil at the end of the file.
  mutating func next(into buffer: inout InputBuffer, ends: inout FieldEnds) throws -> Piece? {
    buffer.removeAll()
    ends.forget()
    guard !isAtEnd, failure == nil else { return nil }
    if let end = endWithinTail() {
      buffer.append(tail, count: end)
      tail.consume(end)
    } else {
      try fill(&buffer, &ends)
    }
    if buffer.count == 0 || failure != nil { return nil }
    defer {
      pieces += 1
      offset += buffer.count
      followsCR = false
    }
    return Piece(number: pieces, offset: offset, followsCR: followsCR, isFinal: isAtEnd)
  }

  /// Where a piece of the usual size ends of what was read already, which is more than that only behind a
  /// long record.
  private mutating func endWithinTail() -> Int? {
    guard tail.count > pieceSize else { return nil }
    return tail.withBytes { [pieceSize] bytes in
      cutter?.lastRecordEnd(in: &bytes, upTo: pieceSize)
    }
  }

  /// Moves the tail into a buffer and reads on until the last record of it is whole, the rest of which
  /// becomes the tail.
  ///
  /// Behind a record that is longer than a piece the piece ends with it: twice its length of short ones
  /// would be a piece of millions of records.
  private mutating func fill(_ buffer: inout InputBuffer, _ ends: inout FieldEnds) throws {
    var isLong = tail.count > pieceSize
    buffer.append(tail, count: tail.count)
    tail.removeAll()
    while true {
      let old = buffer.count
      let isWhole = try !readMore(into: &buffer)
      var end: Int?
      if isLong {
        contents.hash(&buffer, from: old)
        end = buffer.withBytes { bytes in cutter?.firstRecordEnd(in: &bytes) }
      } else {
        contents.hash(&buffer, from: old, lookingFor: &ends, separator: separator)
        if !isWhole {
          end = buffer.withBytes { bytes in
            ends.lastRecordEnd(in: &bytes)
              ?? cutter?.lastRecordEnd(in: &bytes, upTo: bytes.count)
          }
        }
      }
      if let end, !isWhole || end < buffer.count { return buffer.split(at: end, into: &tail) }
      // A record that is too long is the reader's to find; nothing behind it will be read.
      isAtEnd = isWhole || buffer.count > maxRecord + 2
      if isAtEnd { return }
      isLong = true
    }
  }

  /// Reads a piece more, or as much again as there is, and does not hash it; false where that was the end.
  private mutating func readMore(into buffer: inout InputBuffer) throws -> Bool {
    let wanted = buffer.count <= pieceSize ? buffer.count + pieceSize : 2 * buffer.count
    while buffer.count < wanted {
      let missing = min(wanted - buffer.count, 1 << 30)
      if try contents.read(into: &buffer, most: missing) == 0 { return false }
    }
    return true
  }

  /// Reads on to the end without parsing, for the receipt has the hash of all of the file.
  mutating func finish() throws {
    isAtEnd = true
    tail.removeAll()
    while try readTail(most: pieceSize) {
      tail.removeAll()
      try stop.check()
    }
  }

  /// Reads more into the tail and hashes it; false at the end.
  private mutating func readTail(most: Int) throws -> Bool {
    let old = tail.count
    let count = try contents.read(into: &tail, most: most)
    contents.hash(&tail, from: old)
    return count > 0
  }

  private mutating func begin(upTo limit: Int) throws {
    while header == nil, failure == nil {
      let isFinal = try !readTail(most: min(pieceSize, limit - hashedBytes))
      if failure != nil { break }
      var reader = reader
      do throws(CSVFailure) {
        let progress = try tail.withBytes { bytes throws(CSVFailure) in
          try reader.readHeader(&bytes, isFinal: isFinal)
        }
        tail.consume(progress.consumed)
        offset += progress.consumed
      } catch {
        headerFailure = FileFailure(error)
      }
      self.reader = reader
    }
    if let header { cutter = RecordCutter(separator: header.separator) }
    followsCR = reader.resumePoint?.endedWithCR ?? false
    if failure != nil { try finish() }
  }
}

/// A claimed file, up to where it can be read.
private struct Contents: ~Copyable, Sendable {
  private(set) var input: InputFile
  /// Why a packed file cannot be unpacked further.
  private(set) var damage: FileFailure?

  init(input: consuming InputFile) { self.input = input }

  /// Appends more of the contents to a buffer; the caller hashes them.
  ///
  /// - Returns: How many bytes; 0 at the end and where the file turned out to be damaged.
  mutating func read(into buffer: inout InputBuffer, most: Int) throws -> Int {
    guard most > 0, damage == nil else { return 0 }
    let room = unsafe buffer.makeRoom(least: most)
    do {
      let count = try unsafe input.read(
        into: UnsafeMutableRawBufferPointer(rebasing: room[..<most]))
      buffer.fill(count)
      return count
    } catch let damage as FileFailure {
      self.damage = damage
      try input.skipRest()
      return 0
    }
  }

  /// Hashes what was appended to a buffer.
  mutating func hash(_ buffer: inout InputBuffer, from old: Int) {
    unsafe input.hash.update(
      UnsafeRawBufferPointer(rebasing: buffer.unparsed[old...]))
  }

  /// Hashes what was appended to a buffer of records, and looks for where their fields end.
  mutating func hash(
    _ buffer: inout InputBuffer, from old: Int, lookingFor ends: inout FieldEnds,
    separator: UInt8
  ) {
    let new = old..<buffer.count
    buffer.withBytes { bytes in
      ends.lookAhead(in: &bytes, separator: separator, hashing: new, into: &input.hash)
    }
  }
}

extension FileFailure {
  init(_ failure: CSVFailure) {
    let code: FailureCode =
      switch failure.kind {
      case .empty: .empty
      case .encoding: .encoding
      case .header: .header
      case .unclosedQuote: .unclosedQuote
      case .recordTooLong: .recordTooLong
      }
    self.init(code, failure.sentence)
  }
}
