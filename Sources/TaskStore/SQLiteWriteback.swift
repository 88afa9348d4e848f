import CLinux
import GRDBSQLite

/// Has the disk begin on what SQLite writes before SQLite waits for it.
///
/// A batch of rows is 4 MiB in the log and then a sync, a checkpoint up to 16 MiB in the database and then a sync. Left
/// alone the kernel begins with either at the sync, so that disk and processor take turns. With this each stretch is on its way as
/// soon as it is written, and the sync waits for what is left of it.
///
/// No promise rests on it: every sync is made and waited for as ever. Where the kernel says already here that a page cannot go to
/// the disk, SQLite is told that its write failed, for the sync may not hear of it again.
enum SQLiteWriteback {
  /// From now on, for all connections of this process; a second time it changes nothing.
  ///
  /// Where SQLite does not know the names, or has no such door, it writes as ever.
  static func begin() { replaced }

  /// Whether SQLite writes so.
  static var hasBegun: Bool {
    guard let files = unsafe sqlite3_vfs_find(nil), let find = unsafe files.pointee.xGetSystemCall
    else { return false }
    return names.allSatisfy { name in
      unsafe unsafeBitCast(find(files, name), to: Int.self) == unsafeBitCast(write, to: Int.self)
    }
  }

  /// By the door through which SQLite's own tests replace system calls: https://www.sqlite.org/c3ref/vfs.html,
  /// xSetSystemCall.
  private static let replaced: Void = {
    guard let files = unsafe sqlite3_vfs_find(nil),
      let replace = unsafe files.pointee.xSetSystemCall
    else { return }
    for name in names { _ = unsafe replace(files, name, write) }
  }()

  /// What SQLite may call to write: of the two a build calls one, which is settled when it is compiled.
  private static let names = ["pwrite", "pwrite64"]

  /// As the type that SQLite keeps every system call by.
  ///
  /// It keeps it as long as the process lives, which a C function does too, and calls it as the pwrite(2) that it stands for, with
  /// that one's arguments.
  private static var write: sqlite3_syscall_ptr {
    let write: @convention(c) (CInt, UnsafeRawPointer?, Int, Int) -> Int =
      unsafe linux_write_and_begin_writeback
    return unsafe unsafeBitCast(write, to: sqlite3_syscall_ptr.self)
  }
}
