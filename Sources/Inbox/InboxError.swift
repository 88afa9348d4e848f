import Files
import Glibc

/// Why the inbox cannot be watched.
package enum InboxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The library has one queue of events a process, so there is one watch at a time.
  case alreadyWatching
  /// The library cannot read from a descriptor that select(2) cannot name.
  case tooManyDescriptors
  /// A call of the library failed: on which path, with which errno(3).
  case library(path: String, code: Int32)

  package var description: String {
    switch self {
    case .alreadyWatching:
      "cannot watch the inbox: this process watches one already; stop that one first"
    case .tooManyDescriptors:
      "cannot watch the inbox: over 1000 files are open; start the inbox before what opens them"
    case .library(let path, let code):
      "cannot watch \(path): \(FileError.reason(code))\(Self.remedy(code))"
    }
  }

  private static func remedy(_ code: Int32) -> String {
    switch code {
    case ENOSPC: "; raise fs.inotify.max_user_watches (sysctl)"
    case EMFILE: "; raise fs.inotify.max_user_instances (sysctl) or ulimit -n"
    case ENOENT: "; mount /proc"
    default: ""
    }
  }
}
