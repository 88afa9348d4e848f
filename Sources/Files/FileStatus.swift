import Glibc

/// What stat(2) says of a file, as far as it tells one state of a file from another.
///
/// Two equal values read from one inode mean that nothing was written in between: every write
/// moves ctime, which no program can set back (utimensat(2) sets mtime and thereby moves ctime).
package struct FileStatus: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    case regular = "regular file"
    case directory
    case symbolicLink = "symbolic link"
    case fifo = "FIFO"
    case socket
    case device
  }

  package let kind: Kind
  package let device: UInt64
  package let inode: UInt64
  /// In bytes.
  package let size: Int64
  /// Time of the last change of the contents, nanoseconds since 1970; any program may set it.
  package let modified: Int64
  /// Time of the last change of contents or inode, nanoseconds since 1970; set by the kernel alone.
  package let changed: Int64

  package init(
    kind: Kind, device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64
  ) {
    self.kind = kind
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .symbolicLink
      case S_IFIFO: .fifo
      case S_IFSOCK: .socket
      default: .device
      }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modified = Self.nanoseconds(status.st_mtim)
    changed = Self.nanoseconds(status.st_ctim)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The same contents, as far as the kernel tells, under whatever name: a rename moves ctime, so
  /// it is left out.
  package func hasSameContents(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode && size == other.size
      && modified == other.modified
  }
}
