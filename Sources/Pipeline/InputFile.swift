import ContentHash
import Files
import TaskModel

/// A claimed file being read: its bytes once, from front to back, unpacked where it is packed, with their
/// hash.
///
/// One descriptor, one pass: what is hashed is what is parsed, by whoever reads, for the two are done together. read(2) into buffers of ours and no
/// mapping, for a mapped file that somebody truncates ends the process with SIGBUS (mmap(2)).
struct InputFile: ~Copyable, Sendable {
  private let file: OpenFile
  /// As it was before the first byte was read.
  private let before: FileStatus
  private var gzip: Gzip?
  /// Of the file, as it lies on the disk.
  private(set) var bytesRead: Int64 = 0
  /// Of the contents; the reader hashes all that it reads.
  var hash = ContentHash()

  /// A packed file: the inflater, and what was read and not unpacked yet.
  private struct Gzip: ~Copyable, Sendable {
    var inflater = GzipInflater()
    var packed = InputBuffer(capacity: chunk)

    static var chunk: Int { 256 << 10 }
  }

  /// Opens the file of a task in its work folder.
  ///
  /// - Throws: `FileFailure` where it is gone, no file or cut short, `StillWritten` where some process has it
  ///   open for writing: claimed by a rename, it may have a writer that opened it before.
  init(of task: TaskRecord, in work: Directory) throws {
    let folderName = Folders.name(of: task.taskID)
    guard try work.status(of: folderName) != nil else { throw FileFailure.inputGone }
    let folder = try work.directory(folderName, create: false)
    guard let file = try folder.openFile(task.rawName) else {
      // A link or a pipe that took the file's place as it was claimed, and could not go back.
      if let kind = try folder.status(of: task.rawName)?.kind, kind != .regular {
        throw FileFailure.notRegular
      }
      // From another file system it comes as a copy, which has its name only when the source is gone.
      if try folder.entries().isEmpty { throw FileFailure.inputGone }
      throw StillWritten()
    }
    if file.writers() == .some { throw StillWritten() }
    let before = try file.status()
    // What the sender did not sync a power cut may have taken, after the claim had become durable.
    if before.size < task.sizeBytes { throw FileFailure.cutShort(task, now: before.size) }
    self.before = before
    self.file = file
    // No bytes are no gzip stream either, but there is a clearer word for that.
    if InputName(task.rawName) == .gzip, before.size > 0 { gzip = Gzip() }
  }

  /// Takes a file that is no task: what it is read for is gone when the process is.
  ///
  /// - Parameters:
  ///   - file: Open, at its beginning; maybe a pipe.
  ///   - isPacked: Whether it is gzip.
  /// - Throws: What the file system says.
  init(_ file: consuming OpenFile, isPacked: Bool) throws(FileError) {
    before = try file.status()
    self.file = file
    if isPacked { gzip = Gzip() }
  }

  /// Reads the next bytes of the contents.
  ///
  /// - Returns: How many; 0 at the end.
  /// - Throws: `FileFailure` where a packed file cannot be unpacked, or the file system's error.
  mutating func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
    try unsafe gzip == nil ? readPlain(into: room) : readPacked(into: room)
  }

  /// Reads on to the end without unpacking, after the contents turned out to be useless.
  mutating func skipRest() throws(FileError) {
    var buffer = InputBuffer(capacity: Gzip.chunk)
    while try unsafe readPlain(into: buffer.makeRoom(least: Gzip.chunk)) > 0 {}
  }

  /// Makes sure that nobody wrote to the file while it was read.
  ///
  /// - Throws: `ChangedWhileRead`; what was read must be forgotten.
  func checkUnchanged() throws {
    guard try file.status() == before, before.size == bytesRead, file.writers() != .some else {
      throw ChangedWhileRead()
    }
  }

  private mutating func readPlain(
    into room: UnsafeMutableRawBufferPointer
  ) throws(FileError) -> Int {
    let count = try unsafe file.read(into: room)
    bytesRead += Int64(count)
    return count
  }

  private mutating func readPacked(into room: UnsafeMutableRawBufferPointer) throws -> Int {
    // Taken out for the call, for it cannot be borrowed while `self` reads; after an error nobody
    // asks for more.
    guard var gzip = gzip.take() else { return 0 }
    let made = try unsafe unpack(&gzip, into: room)
    self.gzip = consume gzip
    return made
  }

  private mutating func unpack(
    _ gzip: inout Gzip, into room: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    while true {
      var made = 0
      do throws(GzipDamaged) {
        let used: Int
        (used, made) = try unsafe gzip.inflater.inflate(
          UnsafeRawBufferPointer(gzip.packed.unparsed), into: room)
        gzip.packed.consume(used)
      } catch {
        throw FileFailure.gzip(at: bytesRead, isTruncated: false)
      }
      if made > 0 { return made }
      let count = try unsafe readPlain(into: gzip.packed.makeRoom(least: Gzip.chunk))
      gzip.packed.fill(count)
      if count == 0 {
        if gzip.inflater.isComplete { return 0 }
        throw FileFailure.gzip(at: bytesRead, isTruncated: true)
      }
    }
  }
}

/// A writer still has the claimed file open; not an error, the task waits for it.
struct StillWritten: Error {}

/// Size, times or inode differ from before the read; the read is undone and repeated.
struct ChangedWhileRead: Error, CustomStringConvertible {
  var description: String { "the file changed while it was read; it is read again" }
}

extension FileFailure {
  fileprivate static func cutShort(_ task: TaskRecord, now: Int64) -> FileFailure {
    FileFailure(
      .internal,
      "The file has \(now) bytes where it had \(task.sizeBytes) when it was taken, as after a power"
        + " cut; send it again.")
  }

  /// Somebody took the claimed file out of the work folder.
  static let inputGone = FileFailure(
    .internal, "The file was taken out of the state directory before it was read; send it again.")

  /// What was claimed is a link, a pipe or a directory.
  static let notRegular = FileFailure(
    .internal, "Something that is no file took the file's place as it was taken; send it again.")
}
