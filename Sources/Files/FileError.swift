import Glibc
import TaskModel

/// A failed system call on a file: what was tried, on which object, and the kernel's reason.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A verb phrase: "open", "sync", "rename" ...
  package let operation: String
  /// The object as a person knows it: a path or a name, safe to show.
  package let object: String
  /// errno(3).
  package let code: Int32

  package init(_ operation: String, _ object: String, _ code: Int32) {
    self.operation = operation
    self.object = object.escapedForTerminal
    self.code = code
  }

  package var isMissing: Bool { code == ENOENT }
  package var isTaken: Bool { code == EEXIST || code == ENOTEMPTY }
  /// The process or the machine has no descriptor, thread or memory left for now.
  package var isScarcity: Bool { [EMFILE, ENFILE, EAGAIN, ENOMEM].contains(code) }
  /// The disk, or the quota, has no room.
  package var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }
  /// It may be gone after a while, without anybody changing a setting or a right.
  package var mayPass: Bool { isNoSpace || isScarcity || code == EIO }
  package var isDenied: Bool { code == EACCES || code == EPERM }
  package var isOtherFileSystem: Bool { code == EXDEV }

  package var description: String {
    "cannot \(operation) \(object): \(Self.reason(code))\(remedy)"
  }

  /// The kernel's words for an errno: strerror_r(3), the thread-safe one.
  package static func reason(_ code: Int32) -> String {
    var text = [CChar](repeating: 0, count: 256)
    let failure = unsafe strerror_r(code, &text, text.count)
    guard failure == 0, let end = text.firstIndex(of: 0) else { return "error \(code)" }
    return String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private var remedy: String {
    switch code {
    case ENOSPC, EDQUOT: "; free some space"
    case EACCES, EPERM: "; the user that this runs as needs the right to it"
    case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
    case EAGAIN where operation == "start":
      "; raise the limit of threads (ulimit -u, or TasksMax of the service)"
    case EROFS: "; the file system is mounted read-only"
    default: ""
    }
  }
}
