import Files
import Glibc
import TaskModel
import TestSupport
import Testing

@Suite struct OpenFileTests {
  private let temporary: TemporaryDirectory
  private let folder: Directory

  init() throws {
    temporary = try TemporaryDirectory()
    folder = try Directory.open(temporary.path)
    Leases.prepareProcess()
  }

  private func name(_ text: String) throws -> FileName { try #require(FileName(text)) }

  private func reopen(_ text: String) throws -> Boxed {
    guard let file = try folder.openFile(name(text)) else {
      throw FileError("open", text, ENOENT)
    }
    return Boxed(file)
  }

  @Test(arguments: ["/tmp", "/dev/shm"], [0, 1, 511, 512, 4095, 4096, 4097, 70_000])
  func `a file that goes past the cache has its bytes, also those of a last part`(
    place: String, last: Int
  ) throws {
    let bytes = (0..<(128 << 10) + last).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let temporary = try TemporaryDirectory(in: place)
    let folder = try Directory.open(temporary.path)
    let file = Boxed(try folder.createFile(name("a")))
    try file.file.write(bytes, count: 8192)
    try file.file.setDirect()
    var rest = unsafe bytes.span.bytes.extracting(droppingFirst: 8192)
    while !rest.isEmpty {
      var buffer = AlignedBuffer(capacity: 64 << 10)
      rest = rest.extracting(droppingFirst: buffer.append(rest))
      #expect(buffer.isFull || rest.isEmpty)
      try file.file.write(buffer)
    }
    // What was written past the cache is read through it.
    guard let again = try folder.openFile(name("a")) else { throw FileError("open", "a", ENOENT) }
    let read = try again.readAll()
    #expect(read == bytes)
  }

  @Test func `a file is written and read whole over any buffer`() throws {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var file = try folder.createFile(name("a"))
    try file.write(bytes, count: bytes.count)
    try file.close()
    for size in [1, 7, 9999, 10_000, 10_001] {
      let again = try reopen("a")
      var buffer = [UInt8](repeating: 0, count: size)
      var read: [UInt8] = []
      while true {
        let count = try again.file.fill(&buffer)
        read += buffer[..<count]
        if count < size { break }
      }
      #expect(read == bytes)
    }
  }

  @Test func `a writer is seen until its last descriptor is closed`() throws {
    var first = try folder.createFile(name("a"))
    let reader = try reopen("a")
    #expect(reader.file.writers() == .some)
    let second = unsafe open(temporary.path(of: "a"), O_WRONLY | O_CLOEXEC)
    try #require(second >= 0)
    try first.close()
    #expect(reader.file.writers() == .some)
    _ = close(second)
    #expect(reader.file.writers() == .none)
    #expect(reader.file.writers() == .none, "asking does not change the answer")
  }

  @Test func `every write shows in the status, a rename leaves the contents the same`() throws {
    let file = try folder.createFile(name("a"))
    let empty = try file.status()
    try file.write(Array("abc".utf8), count: 3)
    let written = try file.status()
    #expect(written != empty)
    #expect(!written.hasSameContents(as: empty))
    try folder.rename(name("a"), to: folder, as: name("b"))
    #expect(try folder.status(of: name("b"))?.hasSameContents(as: written) == true)
  }

  @Test func `a status comes back from its text, and other text is refused`() throws {
    let file = try folder.createFile(name("a"))
    let status = try file.status()
    #expect(FileStatus(text: status.text) == status)
    for text in [
      "", "1:2:3:4", "1:2:3:4:5:6", "1:2:3:4:x", "1:2:3:4:+5", " 1:2:3:4:5", "-1:2:3:4:5",
    ] {
      #expect(FileStatus(text: text) == nil)
    }
    #expect(FileStatus(text: "1:2:3:-4:5")?.modified == -4)
  }

  @Test func `a restart may change the device's number and nothing else`() throws {
    let status = try #require(FileStatus(text: "1:2:3:4:5"))
    #expect(try #require(FileStatus(text: "9:2:3:4:5")).isSameAcrossRestart(as: status))
    for text in ["1:9:3:4:5", "1:2:9:4:5", "1:2:3:9:5", "1:2:3:4:9"] {
      #expect(try #require(FileStatus(text: text)).isSameAcrossRestart(as: status) == false)
    }
  }

  /// A file on the heap, for an expectation cannot hold a value that is not copyable.
  private final class Boxed {
    let file: OpenFile

    init(_ file: consuming OpenFile) {
      self.file = file
    }
  }
}

@Suite struct FileErrorTests {
  @Test(arguments: [
    (ENOENT, "cannot open in/a.csv: No such file or directory"),
    (ENOSPC, "cannot open in/a.csv: No space left on device; free some space"),
    (EACCES, "cannot open in/a.csv: Permission denied; the user that this runs as needs the right"),
    (EMFILE, "cannot open in/a.csv: Too many open files; raise the limit of open files"),
    (EROFS, "cannot open in/a.csv: Read-only file system; the file system is mounted read-only"),
  ])
  func `the message says what, which file, why and what helps`(code: Int32, sentence: String) {
    let message = FileError("open", "in/a.csv", code).description
    #expect(message.hasPrefix(sentence), "\(message)")
  }

  @Test func `a name with control characters cannot move the reader's cursor`() {
    let message = FileError("open", "in/\u{1B}[2J\n.csv", ENOENT).description
    #expect(!message.contains("\u{1B}"))
    #expect(!message.contains("\n"))
  }
}
