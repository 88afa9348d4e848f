import Files
import PlayRows
import Tally
import TaskModel

/// Sorted runs of a task, as coded rows, for the merge into its result.
///
/// The same rows are in the database already, committed; there they are what a restart goes on from. Taking them
/// out of it again is a good part of what putting them in costs; coded rows are not.
/// It has no name and is not synced: a process that dies leaves nothing of it, and the next attempt merges
/// from the database.
struct ScratchFile: Sendable {
  /// Shared with the runs, which read while nobody writes what they read.
  fileprivate final class Shared: Sendable {
    let file: OpenFile

    init(_ file: consuming OpenFile) { self.file = file }

    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int
    {
      try unsafe file.read(at: offset, into: buffer)
    }
  }

  private let shared: Shared
  /// Bytes written.
  private(set) var size: Int64 = 0

  init(of task: TaskID, in work: Directory) throws(FileError) {
    guard let standIn = FileName(".scratch-\(task)") else {
      preconditionFailure("a task id and a word make a name")
    }
    shared = Shared(try work.createNamelessFile(standIn: standIn))
  }

  /// Appends rows, which are told by an encoder that may be used for one block after the other.
  mutating func append(_ block: borrowing RowBlock, by encoder: inout RowEncoder) throws(FileError)
  {
    size += try encoder.encode(block) { bytes throws(FileError) in
      try shared.file.write(bytes)
      return Int64(bytes.byteCount)
    }
  }

  /// The run that was appended from an offset on.
  func run(from start: Int64) -> ScratchRun {
    ScratchRun(start..<size, of: shared)
  }
}

/// One run of a scratch file.
struct ScratchRun: SortedRun, Sendable {
  /// What is still to be read.
  private var rest: Range<Int64>
  private var decoder = RowDecoder()
  private let file: ScratchFile.Shared

  fileprivate init(_ range: Range<Int64>, of file: ScratchFile.Shared) {
    rest = range
    self.file = file
  }

  mutating func fill(_ block: inout RowBlock) throws(FileError) {
    var rest = rest
    defer { self.rest = rest }
    try unsafe decoder.fill(&block) { buffer throws(FileError) in
      let most = min(buffer.count, Int(rest.upperBound - rest.lowerBound))
      let count = try unsafe file.read(
        at: rest.lowerBound, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<most]))
      rest = rest.lowerBound + Int64(count)..<rest.upperBound
      return count
    }
  }
}
