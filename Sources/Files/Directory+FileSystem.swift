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
}
