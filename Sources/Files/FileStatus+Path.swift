import Glibc

extension FileStatus {
  /// Of what a path of the operator's leads to, links followed; nil where it leads nowhere.
  package static func ofPath(_ path: String) throws(FileError) -> FileStatus? {
    var status = stat()
    if unsafe stat(path, &status) == 0 { return FileStatus(status) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw FileError("examine", path, errno)
  }
}
