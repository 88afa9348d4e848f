import Files
import Glibc
import TaskModel

/// Where a command writes what may be large: standard output, or a file that has its name only once it
/// is whole.
///
/// Until then it lies beside that name under a hidden one, which is removed on an error and when the
/// command is asked to end. A device or a pipe has nothing to be replaced and is written to directly.
/// Nothing is synced: what a person asked for can be asked for again.
struct OutputFile: ~Copyable {
  private let descriptor: Int32
  private let path: String
  /// Nil where the target is written to directly.
  private let hiddenPath: String?
  private var isWhole = false
  /// For what others wrote, on a terminal.
  private var shown: ShownBytes?

  static func standardOutput() -> OutputFile {
    OutputFile(descriptor: STDOUT_FILENO, path: "standard output", hiddenPath: nil)
  }

  /// Standard output for the bytes of a CSV: as they are, but for a terminal.
  static func standardOutputOfCSV() -> OutputFile {
    var output = standardOutput()
    if isatty(STDOUT_FILENO) == 1 { output.shown = ShownBytes() }
    return output
  }

  init(path: String) throws(FileError) {
    var status = stat()
    let isOther = unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    let nameStart = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
    let hiddenPath = "\(path[..<nameStart]).\(path[nameStart...]).\(getpid()).part"
    // Before the hidden file is there: nobody would remove it.
    if !isOther { Endings.holdBack() }
    let opened =
      unsafe isOther
      ? open(path, O_WRONLY | O_CLOEXEC)
      : open(hiddenPath, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard opened >= 0 else { throw FileError("write", path, errno) }
    self.init(descriptor: opened, path: path, hiddenPath: isOther ? nil : hiddenPath)
  }

  private init(descriptor: Int32, path: String, hiddenPath: String?) {
    self.descriptor = descriptor
    self.path = path
    self.hiddenPath = hiddenPath
    // So that a pipe without a reader is an answer of write(2) and no signal.
    _ = signal(SIGPIPE, SIG_IGN)
  }

  deinit {
    // What is still to be told was told by `finish`.
    if !isWhole, let hiddenPath { _ = unsafe unlink(hiddenPath) }
    if descriptor != STDOUT_FILENO { _ = close(descriptor) }
  }

  /// Writes the first `count` bytes of the buffer.
  ///
  /// - Returns: False where nobody reads any more.
  mutating func write(_ buffer: [UInt8], count: Int) throws -> Bool {
    if let bytes = shown?.add(buffer[..<count]) { return try writeAsIs(bytes, count: bytes.count) }
    return try writeAsIs(buffer, count: count)
  }

  private func writeAsIs(_ buffer: [UInt8], count: Int) throws -> Bool {
    var written = 0
    while written < count {
      let result = unsafe buffer.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written..<count])
        return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if result >= 0 {
        written += result
      } else if errno == EPIPE {
        return false
      } else if errno != EINTR {
        throw FileError("write", path, errno)
      }
    }
    if hiddenPath != nil, Endings.areAsked() { throw Interrupted(path: path) }
    return true
  }

  /// Gives the file its name, in the place of an older one.
  mutating func finish() throws {
    if let bytes = shown?.finish() { _ = try writeAsIs(bytes, count: bytes.count) }
    guard let hiddenPath else { return }
    guard unsafe rename(hiddenPath, path) == 0 else { throw FileError("name", path, errno) }
    isWhole = true
  }
}

extension OutputFile {
  /// The command was asked to end before the file was whole.
  struct Interrupted: Error, CustomStringConvertible {
    let path: String
    var description: String { "interrupted; nothing of it is left in \(path.escapedForTerminal)" }
  }
}
