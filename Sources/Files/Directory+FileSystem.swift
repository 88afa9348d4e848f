import CLinux
import Glibc

extension Directory {
  /// Makes everything on the directory's file system durable, others' files too: syncfs(2).
  ///
  /// For many small files at once this is one commit of the journal, where a sync of each is one
  /// each.
  package func syncFileSystem() throws(FileError) {
    let code = linux_sync_filesystem(descriptor)
    guard code == 0 else { throw FileError("sync the file system of", path, code) }
  }

  /// Throws where entries cannot be made and removed here: no right to, or mounted read-only.
  package func requireWritable() throws(FileError) {
    guard unsafe faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
      throw FileError("take files from", path, errno)
    }
  }

  /// Whether other machines may change what is in the directory (linux/magic.h: NFS, CIFS, SMB2, FUSE (also
  /// sshfs), Ceph, 9p, AFS).
  package func isRemote() throws(FileError) -> Bool {
    let remote: Set = [
      0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x00C3_6400, 0x0102_1997, 0x5346_414F,
    ]
    return remote.contains(try fileSystemType())
  }
}
