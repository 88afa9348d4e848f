import GRDB
import Glibc
import Synchronization

/// Which file has a name: that which had it when it was looked at first, or by now another one, or none.
///
/// A look at the name, which opens nothing.
final class SQLiteName: Sendable {
  let path: String
  private let first = Mutex<ino_t?>(nil)
  private let lastSize = Atomic<Int64>(0)

  init(_ path: String) { self.path = path }

  /// Whether nothing has the name; an unreadable folder says nothing of it.
  var isFree: Bool {
    var status = stat()
    // As below: only read and filled.
    return unsafe lstat(path, &status) != 0 && errno == ENOENT
  }

  /// Of what had the name at the last look, in bytes; 0 for nothing.
  var size: Int64 { lastSize.load(ordering: .relaxed) }

  /// Whether the file that had the name first has it.
  func isKept() throws -> Bool {
    var status = stat()
    // lstat(2) reads the path and fills the structure, and keeps neither.
    let isThere = unsafe lstat(path, &status) == 0
    guard isThere || errno == ENOENT else {
      throw DatabaseError(resultCode: .SQLITE_IOERR_FSTAT, message: "no look at \(path)")
    }
    let inode = isThere ? status.st_ino : nil
    lastSize.store(isThere ? Int64(status.st_size) : 0, ordering: .relaxed)
    return first.withLock { first in
      first = first ?? inode
      return first == inode
    }
  }
}
