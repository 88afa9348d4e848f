import Glibc
import TaskModel

extension Directory {
  /// Takes the lock of the directory for as long as this object lives.
  ///
  /// flock(2): the lock is gone with the process, however it ended, so there is no lock file to delete.
  ///
  /// - Returns: False where another process has it.
  package func lock() throws(FileError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    if errno == EWOULDBLOCK { return false }
    throw FileError("lock the directory", path, errno)
  }

  /// The process that holds the lock, as far as /proc/locks (proc(5)) tells; nil where it does not.
  package func lockHolder() throws(FileError) -> Int32? {
    let inode = try String(status().inode)
    let locks = try Directory.open("/proc", create: false)
    guard let name = FileName("locks"), let file = try locks.openFile(name) else { return nil }
    // "1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF", a line a lock.
    for line in String(decoding: try file.readAll(), as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count >= 6, fields[1] == "FLOCK", fields[5].hasSuffix(":" + inode) else {
        continue
      }
      return Int32(fields[4])
    }
    return nil
  }
}
