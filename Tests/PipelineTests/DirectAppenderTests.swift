import Files
import Glibc
import TaskModel
import TestSupport
import Testing

@testable import Pipeline

struct DirectAppenderTests {
  private let temporary: TemporaryDirectory
  private let folder: Directory
  private let name: FileName

  init() throws {
    temporary = try TemporaryDirectory()
    folder = try Directory.open(temporary.path)
    name = try #require(FileName("result"))
  }

  private func contents() throws -> [UInt8] {
    guard let file = try folder.openFile(name) else { throw FileError("open", name.text, ENOENT) }
    return try file.readAll()
  }

  @Test(arguments: [0, 1, 4096, 1 << 20, (1 << 20) + 1, (9 << 20) - 7])
  func `a sealed file has every byte, however they came`(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }
    var appender = try DirectAppender(folder.createFile(name))
    var start = 0
    var step = 1
    while start < size {
      let end = min(size, start + step)
      try appender.write(unsafe bytes.span.bytes.extracting(start..<end))
      (start, step) = (end, min(step * 3, 3 << 20))
    }
    try appender.seal()
    #expect(try contents() == bytes)
  }

  @Test func `what the file system says of a part is said to whoever writes on, or seals`() throws {
    _ = try folder.createFile(name)
    let bytes = [UInt8](repeating: 1, count: 16 << 20)
    // Not open for writing.
    guard let file = try folder.openFile(name) else { throw FileError("open", name.text, ENOENT) }
    var appender = try DirectAppender(file)
    #expect(throws: FileError.self) { try appender.write(unsafe bytes.span.bytes) }

    guard let other = try folder.openFile(name) else { throw FileError("open", name.text, ENOENT) }
    var small = try DirectAppender(other)
    try small.write(unsafe bytes.span.bytes.extracting(first: 5))
    #expect(throws: FileError.self) { try small.seal() }
  }

  @Test func `a file that is given up is closed, and its thread at its end`() async throws {
    Leases.prepareProcess()
    do {
      var appender = try DirectAppender(folder.createFile(name))
      let bytes = [UInt8](repeating: 1, count: 3 << 20)
      try appender.write(unsafe bytes.span.bytes)
    }
    guard let file = try folder.openFile(name) else { throw FileError("open", name.text, ENOENT) }
    let look = Look(file)
    try await eventually("nobody has it open for writing") { look.file.writers() == .none }
  }

  /// A file that a closure can hold.
  private final class Look: Sendable {
    let file: OpenFile

    init(_ file: consuming OpenFile) { self.file = file }
  }
}
