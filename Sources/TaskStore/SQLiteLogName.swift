import GRDB
import Glibc
import Synchronization

/// The write-ahead log under its name.
///
/// A log that was removed lives on in our descriptor and takes commits, which a kill then loses: the next start finds
/// another log by that name, or none, and a database that is whole and old. SQLite tells of a database that was moved
/// (`SQLiteFile`) and of its log not, so the name is looked at, which opens nothing. Where there is none, what was
/// committed before is brought home at once (`TaskStore.write`).
final class SQLiteLogName: Sendable {
  private let path: String
  private let first = Mutex<ino_t?>(nil)
  private let lastSize = Atomic<Int64>(0)

  init(database: String) { path = database + "-wal" }

  /// Whether nobody made another log under that name; an unreadable folder says nothing of it.
  var isGone: Bool {
    var status = stat()
    // As below: only read and filled.
    return unsafe lstat(path, &status) != 0 && errno == ENOENT
  }

  /// In bytes, when it was last looked at.
  var size: Int64 { lastSize.load(ordering: .relaxed) }

  /// Refuses to write where another file, or none, has the name since the first call.
  ///
  /// Called within a transaction, so that SQLite has the log open.
  func requireUnmoved() throws {
    var status = stat()
    // lstat(2) reads the path and fills the structure, and keeps neither.
    let isThere = unsafe lstat(path, &status) == 0
    guard isThere || errno == ENOENT else {
      throw DatabaseError(resultCode: .SQLITE_IOERR_FSTAT, message: "no look at the log")
    }
    let inode = isThere ? status.st_ino : nil
    lastSize.store(isThere ? Int64(status.st_size) : 0, ordering: .relaxed)
    let isSame = first.withLock { first in
      first = first ?? inode
      return first == inode
    }
    if !isSame { throw StoreError.logMoved(path: path) }
  }
}
