import Glibc

extension OpenFile {
  /// Opens the same inode for writing and closes it, for whoever watches it for IN_CLOSE_WRITE.
  ///
  /// Nothing is written, so it works on a full disk; and the way through the descriptor (proc(5),
  /// /proc/PID/fd) finds the inode even where its name was removed or given to another file.
  package func wakeWatchers() throws(FileError) {
    let opened = unsafe Glibc.open("/proc/self/fd/\(descriptor)", O_WRONLY | O_CLOEXEC)
    guard opened >= 0 else { throw FileError("open for writing", name, errno) }
    _ = Glibc.close(opened)
  }
}
