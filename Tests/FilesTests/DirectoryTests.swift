import Files
import Glibc
import TaskModel
import TestSupport
import Testing

@Suite struct DirectoryTests {
  private let temporary: TemporaryDirectory
  private let folder: Directory

  init() throws {
    temporary = try TemporaryDirectory()
    folder = try Directory.open(temporary.path(of: "folder"))
  }

  private func name(_ text: String) throws -> FileName { try #require(FileName(text)) }

  private func write(_ text: String, to name: FileName) throws {
    let file = try folder.createFile(name)
    try file.write(Array(text.utf8), count: text.utf8.count)
  }

  private func text(of name: FileName) throws -> String? {
    guard let file = try folder.openFile(name) else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = try file.fill(&buffer)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  @Test func `missing directories are made with their parents`() throws {
    let path = temporary.path(of: "a/b/c")
    _ = try Directory.open(path)
    #expect(try Directory.open(path, create: false).status().kind == .directory)
  }

  @Test func `a missing directory is an error where it is not to be made`() throws {
    let path = temporary.path(of: "missing")
    let error = #expect(throws: FileError.self) { try Directory.open(path, create: false) }
    #expect(error?.isMissing == true)
  }

  @Test(arguments: [
    Array("plain.csv".utf8), [0xFF, 0xFE, 0x0A, 0x1B], Array("-rf *".utf8),
    [UInt8](repeating: 0xC3, count: 255), Array(" ".utf8), Array("...".utf8),
  ])
  func `any name that Linux allows is made, listed, read, renamed and removed`(
    bytes: [UInt8]
  ) throws {
    let odd = try #require(FileName(bytes: bytes))
    let other = try name("other")
    try write("text", to: odd)
    #expect(try folder.entries() == [odd])
    #expect(try text(of: odd) == "text")
    try folder.rename(odd, to: folder, as: other)
    try folder.rename(other, to: folder, as: odd)
    #expect(try folder.entries() == [odd])
    #expect(try folder.remove(odd))
    #expect(try folder.remove(odd) == false)
    #expect(try folder.entries() == [])
  }

  @Test func `entries come sorted by their bytes`() throws {
    for text in ["b", "a", "\u{E9}", "Z", "aa"] { try write("", to: name(text)) }
    #expect(try folder.entries().map(\.text) == ["Z", "a", "aa", "b", "\u{E9}"])
  }

  @Test func `nothing is ever replaced`() throws {
    let old = try name("old")
    let new = try name("new")
    try write("old", to: old)
    try write("new", to: new)
    let rename = #expect(throws: FileError.self) {
      try folder.rename(new, to: folder, as: old)
    }
    #expect(rename?.isTaken == true)
    let create = #expect(throws: FileError.self) { _ = try write("", to: old) }
    #expect(create?.isTaken == true)
    #expect(try text(of: old) == "old")
    #expect(try text(of: new) == "new")
  }

  @Test func `a rename between file systems says so`() throws {
    let file = try name("a")
    try write("", to: file)
    let proc = try Directory.open("/proc", create: false)
    let error = #expect(throws: FileError.self) { try folder.rename(file, to: proc, as: file) }
    #expect(error?.isOtherFileSystem == true)
  }

  @Test func `a FIFO, a directory, a socket and a symbolic link are seen but not opened`() throws {
    let path = temporary.path(of: "folder/")
    try #require(unsafe mkfifo(path + "fifo", 0o600) == 0)
    try #require(unsafe mkdir(path + "directory", 0o700) == 0)
    try #require(unsafe mknod(path + "socket", S_IFSOCK | 0o600, 0) == 0)
    try write("text", to: name("file"))
    try #require(unsafe symlink("file", path + "link") == 0)
    let kinds: KeyValuePairs<String, FileStatus.Kind> = [
      "fifo": .fifo, "directory": .directory, "socket": .socket, "link": .symbolicLink,
    ]
    for (text, kind) in kinds {
      #expect(try folder.status(of: name(text))?.kind == kind)
      if try folder.openFile(name(text)) != nil { Issue.record("\(text) was opened") }
    }
    #expect(try folder.status(of: name("missing")) == nil)
    if try folder.openFile(name("missing")) != nil { Issue.record("a missing file was opened") }
  }

  @Test func `a symbolic link to a directory is not entered`() throws {
    try #require(unsafe symlink("/", temporary.path(of: "folder/link")) == 0)
    #expect(throws: FileError.self) { try folder.directory(name("link"), create: false) }
  }

  @Test func `a directory that was renamed away stays open, and its path leads elsewhere`() throws {
    let path = temporary.path(of: "folder")
    try #require(unsafe rename(path, path + ".old") == 0)
    #expect(try folder.statusOfPath() == nil)
    try write("text", to: name("a"))
    #expect(try Directory.open(path + ".old").entries() == [name("a")])
    _ = try Directory.open(path)
    #expect(try folder.statusOfPath()?.inode != folder.status().inode)
  }

  @Test func `only an empty directory is removed`() throws {
    let inner = try folder.directory(name("inner"))
    _ = try inner.createFile(name("a"))
    let error = #expect(throws: FileError.self) { try folder.removeDirectory(name("inner")) }
    #expect(error?.isTaken == true)
    try inner.remove(name("a"))
    #expect(try folder.removeDirectory(name("inner")))
    #expect(try folder.removeDirectory(name("inner")) == false)
  }

  @Test func `the lock is held by one opening of the directory at a time`() throws {
    let again = try Directory.open(folder.path)
    #expect(try folder.lock())
    #expect(try again.lock() == false)
    #expect(try folder.lock(), "the holder may ask again")
  }

  @Test func `the lock is gone with its holder`() throws {
    do {
      let holder = try Directory.open(folder.path)
      #expect(try holder.lock())
    }
    #expect(try folder.lock())
  }

  @Test func `what was written can be synced, on its own and with its file system`() throws {
    let file = try folder.createFile(name("a"))
    try file.sync()
    try folder.sync()
    try folder.syncFileSystem()
    try folder.requireWritable()
  }
}
