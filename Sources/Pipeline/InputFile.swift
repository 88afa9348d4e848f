import Crypto
import Files
import TaskModel

/// A claimed file being read: its bytes once, from front to back, with their hash.
///
/// One descriptor, one pass: what is hashed is what is parsed. read(2) into a buffer of ours and no
/// mapping, for a mapped file that somebody truncates ends the process with SIGBUS (mmap(2)).
struct InputFile: ~Copyable {
  private let file: OpenFile
  /// As it was before the first byte was read.
  let before: FileStatus
  private var hasher = SHA256()
  private(set) var bytesRead: Int64 = 0

  /// Opens the file of a task in its work folder.
  ///
  /// - Throws: `InputGone` where it is not there, `StillWritten` where some process has it open for
  ///   writing: claimed by a rename, it may have a writer that opened it before.
  init(of task: TaskRecord, in work: Directory) throws {
    let folder = try work.directory(Folders.name(of: task.taskID), create: false)
    guard let file = try folder.openFile(task.rawName) else {
      // From another file system it comes as a copy, which has its name only when the source is gone.
      if try folder.entries().isEmpty { throw InputGone() }
      throw StillWritten()
    }
    if file.writers() == .some { throw StillWritten() }
    before = try file.status()
    self.file = file
  }

  /// Reads the next bytes.
  ///
  /// - Returns: How many; 0 at the end.
  mutating func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let count = try unsafe file.read(into: room)
    unsafe hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: room[..<count]))
    bytesRead += Int64(count)
    return count
  }

  /// 64 hexadecimal digits of what was read.
  var sha256: String { hasher.finalize().hexadecimal }

  /// Makes sure that nobody wrote to the file while it was read.
  ///
  /// - Throws: `ChangedWhileRead`; what was read must be forgotten.
  func checkUnchanged() throws {
    guard try file.status() == before, before.size == bytesRead, file.writers() != .some else {
      throw ChangedWhileRead()
    }
  }
}

/// The claimed file is not in its work folder: somebody took it away.
struct InputGone: Error {}

/// A writer still has the claimed file open; not an error, the task waits for it.
struct StillWritten: Error {}

/// Size, times or inode differ from before the read; the read is undone and repeated.
struct ChangedWhileRead: Error, CustomStringConvertible {
  var description: String { "the file changed while it was read; it is read again" }
}

extension Digest {
  /// Lower-case hexadecimal digits.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
