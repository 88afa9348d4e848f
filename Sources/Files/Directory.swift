import CLinux
import Glibc
import Synchronization
package import TaskModel

// The door to the file system.
//
// Promises: a directory is opened once, by the path that the operator gave, and everything in it is
// reached through its descriptor with names as bytes (openat(2) and its family). So a name from
// outside never becomes a path, a name that is not UTF-8 works, and a directory that is renamed
// under us stays the one we opened. Symbolic links are never followed, and nothing but a regular
// file is ever opened: a FIFO would hang the reader, a device could be endless. No name is ever
// replaced. Every descriptor is close-on-exec.
//
// Not promised: that the file system keeps what was not synced. `sync()` is the caller's to call, on the
// file before it is renamed and on the directory after (fsync(2), NOTES: the entry needs its own).
//
// The cost: one open descriptor a directory, and messages that name an entry instead of a full path.

/// A directory, held open.
package final class Directory: Sendable {
  package let descriptor: Int32
  /// As the operator gave it, for messages.
  package let path: String
  private let failedSyncs = Atomic(0)

  private init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    _ = Glibc.close(descriptor)
  }

  /// Opens a directory by path, making it (and its parents) where it is missing.
  package static func open(_ path: String, create: Bool = true) throws(FileError) -> Directory {
    if create { try make(path) }
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open the directory", path, errno) }
    return Directory(descriptor: descriptor, path: path)
  }

  private static func make(_ path: String) throws(FileError) {
    if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw FileError("make the directory", path, errno)
    }
    try make(String(path[..<slash]))
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw FileError("make the directory", path, errno)
    }
  }

  /// Opens a directory inside this one, making it where it is missing.
  package func directory(_ name: FileName, create: Bool = true) throws(FileError) -> Directory {
    let shown = show(name)
    let opened = unsafe withCString(name) { name -> Int32 in
      if create, unsafe mkdirat(descriptor, name, 0o755) != 0, errno != EEXIST { return -1 }
      return unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    guard opened >= 0 else { throw FileError("open the directory", shown, errno) }
    return Directory(descriptor: opened, path: shown)
  }

  /// Makes what was renamed, made or removed in the directory durable.
  ///
  /// - Throws: What the kernel says, which may have dropped what it could not write: to sync again holds none of it, only what is
  ///   done again before.
  package func sync() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw failedSync("sync the directory", errno) }
  }

  /// A moment before changes that are to be made durable, see `sync(since:)`.
  package struct Mark: Hashable, Sendable {
    fileprivate let failedSyncs: Int
  }

  package var mark: Mark { Mark(failedSyncs: failedSyncs.load(ordering: .acquiring)) }

  /// As `sync`, where other threads change and sync the same directory.
  ///
  /// The kernel reports a failure to one of them, and may have dropped the changes of all: so this throws, too, where
  /// anybody's sync has failed since the mark.
  package func sync(since mark: Mark) throws(FileError) {
    try sync()
    try requireNoFailure(since: mark)
  }

  func requireNoFailure(since mark: Mark) throws(FileError) {
    guard mark == self.mark else { throw FileError("sync the directory", path, EIO) }
  }

  /// Has every `sync(since:)` of a mark before now fail.
  func failedSync(_ operation: String, _ code: Int32) -> FileError {
    failedSyncs.add(1, ordering: .acquiringAndReleasing)
    return FileError(operation, path, code)
  }

  /// What stat(2) says of the open directory itself, wherever its path leads by now.
  package func status() throws(FileError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError("examine", path, errno) }
    return FileStatus(status)
  }

  /// What the path leads to now; nil where it leads nowhere.
  ///
  /// Differs from `status()` once the
  /// directory was renamed away, deleted or mounted over.
  package func statusOfPath() throws(FileError) -> FileStatus? {
    var status = stat()
    if unsafe stat(path, &status) == 0 { return FileStatus(status) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw FileError("examine", path, errno)
  }

  /// The path from the root, symbolic links followed (realpath(3)).
  package func absolutePath() throws(FileError) -> String {
    guard let resolved = unsafe realpath(path, nil) else {
      throw FileError("resolve the path of", path, errno)
    }
    // realpath(3) allocated it, and it ends with NUL.
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// The magic number of the file system, as in statfs(2).
  package func fileSystemType() throws(FileError) -> Int {
    let type = linux_filesystem_type(descriptor)
    guard type >= 0 else { throw FileError("examine the file system of", path, Int32(-type)) }
    return type
  }

  /// The path of an entry through the open directory, for calls that take short ones alone: that of a socket has 107
  /// bytes at most (unix(7)), and that of a directory need not be so short.
  package func shortPath(of name: FileName) -> String {
    "/proc/self/fd/\(descriptor)/\(name.text)"
  }

  func show(_ name: FileName) -> String { path + "/" + name.text }

  /// Lends the name as a C string; the pointer holds during the call only.
  func withCString<Result>(_ name: FileName, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe withCString(name.bytes, body)
  }

  /// The same of a path below this directory, which has no NUL.
  func withCString<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let characters = path.map { CChar(bitPattern: $0) } + [0]
    return unsafe characters.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else {
        preconditionFailure("the array has at least its NUL")
      }
      return unsafe body(base)
    }
  }
}
