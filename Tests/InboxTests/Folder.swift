import Files
import Glibc
import TaskModel

/// What other programs do in a folder, with names as bytes; each call is one system call, or as few
/// as it takes.
final class Folder: Sendable {
  let directory: Directory

  init(_ path: String) throws {
    directory = try Directory.open(path)
  }

  struct Failure: Error {
    var call: String
    var code = errno
  }

  /// Opens for writing as a program does that appends or writes anew.
  func open(_ name: FileName) throws -> Int32 {
    let opened = unsafe bytes(name) {
      unsafe openat(directory.descriptor, $0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    }
    return try checked("open", opened)
  }

  func write(_ text: String, to descriptor: Int32) throws {
    let bytes = Array(text.utf8)
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    guard count == bytes.count else { throw Failure(call: "write") }
  }

  func close(_ descriptor: Int32) throws {
    try checked("close", Glibc.close(descriptor))
  }

  /// One session of a writer: open, append, close.
  func append(_ text: String, to name: FileName) throws {
    let descriptor = try open(name)
    try write(text, to: descriptor)
    try close(descriptor)
  }

  /// Renames, also over what is there, as mv(1) does.
  func move(_ name: FileName, to target: Folder, as newName: FileName) throws {
    let result = unsafe bytes(name) { old in
      unsafe bytes(newName) { new in
        unsafe renameat(directory.descriptor, old, target.directory.descriptor, new)
      }
    }
    try checked("renameat", result)
  }

  func link(_ name: FileName, in target: Folder, as newName: FileName) throws {
    let result = unsafe bytes(name) { old in
      unsafe bytes(newName) { new in
        unsafe linkat(directory.descriptor, old, target.directory.descriptor, new, 0)
      }
    }
    try checked("linkat", result)
  }

  func makeSymbolicLink(_ name: FileName, to target: String) throws {
    let result = unsafe bytes(name) { unsafe symlinkat(target, directory.descriptor, $0) }
    try checked("symlinkat", result)
  }

  func makeDirectory(_ name: FileName) throws {
    try checked("mkdirat", unsafe bytes(name) { unsafe mkdirat(directory.descriptor, $0, 0o755) })
  }

  func makeFIFO(_ name: FileName) throws {
    try checked("mkfifoat", unsafe bytes(name) { unsafe mkfifoat(directory.descriptor, $0, 0o644) })
  }

  /// A socket's entry, as bind(2) makes it.
  func makeSocket(_ name: FileName) throws {
    let result = unsafe bytes(name) {
      unsafe mknodat(directory.descriptor, $0, S_IFSOCK | 0o644, 0)
    }
    try checked("mknodat", result)
  }

  /// A file that has no name until it is complete: O_TMPFILE and linkat(2), as open(2) describes.
  func linkTemporaryFile(_ text: String, as name: FileName) throws {
    // O_TMPFILE is a macro of two flags that Swift does not import: __O_TMPFILE | O_DIRECTORY.
    let opened = try checked(
      "open(O_TMPFILE)",
      unsafe openat(directory.descriptor, ".", O_WRONLY | 0o20_000_000 | O_DIRECTORY, 0o644))
    try write(text, to: opened)
    let result = unsafe bytes(name) { new in
      unsafe linkat(
        AT_FDCWD, "/proc/self/fd/\(opened)", directory.descriptor, new, AT_SYMLINK_FOLLOW)
    }
    try checked("linkat", result)
    try close(opened)
  }

  /// The whole contents; nil where there is no such file.
  func contents(_ name: FileName) throws -> String? {
    guard let file = try directory.openFile(name) else { return nil }
    var buffer = [UInt8](repeating: 0, count: 1 << 22)
    let count = try file.fill(&buffer)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  @discardableResult
  private func checked(_ call: String, _ result: Int32) throws -> Int32 {
    guard result >= 0 else { throw Failure(call: call) }
    return result
  }

  private func bytes(
    _ name: FileName, _ body: (UnsafePointer<CChar>) -> Int32
  ) -> Int32 {
    let characters = name.bytes.map { CChar(bitPattern: $0) } + [0]
    return unsafe characters.withUnsafeBufferPointer { buffer in
      // The array holds at least its NUL, so it has an address.
      unsafe buffer.baseAddress.map { unsafe body($0) } ?? -1
    }
  }
}

extension FileName: ExpressibleByStringLiteral {
  /// For names that stand in a test.
  package init(stringLiteral text: String) {
    guard let name = FileName(text) else { preconditionFailure("a test's name: \(text)") }
    self = name
  }
}
