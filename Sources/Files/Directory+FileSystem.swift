import CLinux
import Glibc
package import TaskModel

extension Directory {
  /// Makes everything on the directory's file system durable, others' files too: syncfs(2).
  ///
  /// For many small files at once this is one commit of the journal, where a sync of each is one
  /// each.
  package func syncFileSystem() throws(FileError) {
    let code = linux_sync_filesystem(descriptor)
    guard code == 0 else { throw failedSync("sync the file system of", code) }
  }

  /// As `syncFileSystem`, with `sync(since:)`'s care for what other threads' syncs have met.
  package func syncFileSystem(since mark: Mark) throws(FileError) {
    try syncFileSystem()
    try requireNoFailure(since: mark)
  }

  /// Bytes that this user may still write to the directory's file system: statvfs(3), f_bavail.
  package func freeBytes() throws(FileError) -> Int64 {
    var status = statvfs()
    guard unsafe fstatvfs(descriptor, &status) == 0 else {
      throw FileError("examine the file system of", path, errno)
    }
    return Int64(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(
        by: UInt64(status.f_frsize)
      ).partialValue)
  }

  /// Whether the file system is one that other machines change, or a program of this one serves.
  ///
  /// inotify(7), "Limitations and caveats": what another machine does gives no events here. And locks and shared
  /// memory may not work, which SQLite's log needs (https://www.sqlite.org/wal.html, "all processes using a
  /// database must be on the same host").
  package func isRemote() throws(FileError) -> Bool {
    RemoteFileSystem.types.contains(try fileSystemType())
  }

  /// Sets the permissions of an entry: fchmodat(2).
  package func setMode(_ mode: UInt32, of name: FileName) throws(FileError) {
    let shown = show(name)
    let code = unsafe withCString(name) { name in unsafe fchmodat(descriptor, name, mode, 0) }
    guard code == 0 else { throw FileError("set the permissions of", shown, errno) }
  }

  /// Whether this user may write to what a path leads to, which is not opened: access(2); nil where nothing is there.
  package static func mayWrite(_ path: String) -> Bool? {
    if unsafe access(path, R_OK | W_OK) == 0 { return true }
    return errno == ENOENT ? nil : false
  }

  /// Throws where entries cannot be made and removed here: no right to, or mounted read-only.
  package func requireWritable() throws(FileError) {
    guard unsafe faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
      throw FileError("take files from", path, errno)
    }
  }
}

/// The magic numbers of linux/magic.h, as statfs(2) gives them.
enum RemoteFileSystem {
  /// NFS, SMB, CIFS, SMB2, FUSE (also sshfs), Ceph, 9p, OpenAFS, the kernel's own AFS, Coda.
  static let types: Set = [
    0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x00C3_6400, 0x0102_1997, 0x5346_414F,
    0x6B41_4653, 0x7375_7245,
  ]
}
