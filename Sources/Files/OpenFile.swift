import CLinux
import Glibc
import TaskModel

/// An open regular file; closed when the value ends, or by `close()`, which tells of errors.
///
/// The buffers handed to `read` and `write` are used during the call only; the kernel checks their
/// bounds against the counts given here, which come from the buffers themselves.
package struct OpenFile: ~Copyable, Sendable {
  /// Negative once `close()` was called.
  package private(set) var descriptor: Int32
  /// For messages.
  package let name: String

  deinit {
    // Nothing can be told from here; whoever needs to know calls close() first.
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
  }

  /// Opens a file that a person named; it may be anything that can be read, or, as said, a regular file only.
  ///
  /// - Throws: `FileError`, with EINVAL for what is not a regular file.
  package static func open(
    path: String, onlyRegular: Bool = false
  ) throws(FileError) -> OpenFile {
    try open(path: Array(path.utf8), onlyRegular: onlyRegular)
  }

  /// The same of a path of any bytes.
  package static func open(
    path: [UInt8], onlyRegular: Bool
  ) throws(FileError) -> OpenFile {
    let file = try open(path: path, isPatient: !onlyRegular)
    if onlyRegular, try file.status().kind != .regular {
      throw FileError("read the regular file", FileName.text(of: path), EINVAL)
    }
    return file
  }

  /// Opens what a path of any bytes leads to.
  ///
  /// - Parameters:
  ///   - path: Without NUL, which ends it.
  ///   - isPatient: Waits for the writer of a FIFO, which may never come (open(2), O_NONBLOCK).
  /// - Returns: Whatever it is.
  /// - Throws: What the system says.
  package static func open(path: [UInt8], isPatient: Bool) throws(FileError) -> OpenFile {
    let flags = O_RDONLY | O_CLOEXEC | (isPatient ? 0 : O_NONBLOCK)
    let opened = unsafe (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { path in
      // Ends with the zero that was put there, and is not kept.
      unsafe path.baseAddress.map { unsafe Glibc.open($0, flags) } ?? -1
    }
    let name = FileName.text(of: path)
    guard opened >= 0 else { throw FileError("open", name, errno) }
    return OpenFile(descriptor: opened, name: name)
  }

  /// Standard input, as a file that is closed like any other.
  package static func standardInput() -> OpenFile {
    OpenFile(descriptor: STDIN_FILENO, name: "standard input")
  }

  /// Reads up to the size of the buffer.
  ///
  /// - Returns: The number of bytes read; 0 at the end of the file.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw FileError("read", name, errno) }
    }
  }

  /// Writes all of the bytes.
  ///
  /// Direct output refuses with EINVAL what is not aligned as the device wants it, as the end of a file, or what is left of
  /// a short write; it then goes through the page cache.
  package func write(_ bytes: RawSpan) throws(FileError) {
    var written = 0
    while written < bytes.byteCount {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
        return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count >= 0 {
        written += count
      } else if errno == EINVAL && linux_unset_direct(descriptor) == 0 {
        continue
      } else if errno != EINTR {
        throw FileError("write", name, errno)
      }
    }
  }

  /// Reads from an offset until the buffer is full or the file ends; the place of `read` does not move.
  ///
  /// - Returns: The number of bytes read.
  package func read(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + done)
      if count == 0 { break }
      if count > 0 { done += count } else if errno != EINTR { throw FileError("read", name, errno) }
    }
    return done
  }

  /// Goes back to the first byte.
  package func rewind() throws(FileError) {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw FileError("rewind", name, errno) }
  }

  /// Makes the contents durable: fsync(2).
  ///
  /// A failure is final for this file: the kernel marks the
  /// pages clean all the same, so trying again would report a success that is none
  /// (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020).
  package func sync() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("sync", name, errno) }
  }

  /// What fstat(2) says now.
  package func status() throws(FileError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError("examine", name, errno) }
    return FileStatus(status)
  }

  /// Says whether some process has the file open for writing.
  ///
  /// Takes a read lease and at once drops it (fcntl(2), F_SETLEASE). While it is held, which is for microseconds, a writer's open(2)
  /// waits; the SIGIO that such a writer causes must be ignored by the process, see `Leases`.
  package func writers() -> Writers {
    switch linux_probe_read_lease(descriptor) {
    case 0: .none
    case EAGAIN: .some
    default: .unknown
    }
  }

  /// The answer of `writers()`.
  package enum Writers: Hashable, Sendable {
    /// Nobody has it open for writing.
    case none
    /// Somebody has.
    case some
    /// The kernel does not say: we neither own the file nor have CAP_LEASE, or the file system has
    /// no leases.
    case unknown
  }

  /// Closes the file and tells of an error that a file system reports only now (NFS does).
  package mutating func close() throws(FileError) {
    let closing = descriptor
    descriptor = -1
    // No retry on EINTR: on Linux the descriptor is closed all the same (close(2), NOTES).
    guard Glibc.close(closing) == 0 || errno == EINTR else {
      throw FileError("close", name, errno)
    }
  }
}

/// Must be called once before `OpenFile.writers()`: see there.
package enum Leases {
  /// Ignores SIGIO, whose default action would end the process (signal(7)).
  package static func prepareProcess() {
    _ = signal(SIGIO, SIG_IGN)
  }
}
