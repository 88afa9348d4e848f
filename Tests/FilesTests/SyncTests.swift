import Glibc
import TestSupport
import Testing

@testable import Files

@Suite struct SyncTests {
  @Test func `a failed sync fails whoever changed the directory before it, and nobody after it`()
    throws
  {
    let temporary = try TemporaryDirectory()
    let folder = try Directory.open(temporary.path(of: "folder"))
    let before = folder.mark
    try folder.sync(since: before)
    // As of another thread's.
    _ = folder.failedSync("sync the directory", EIO)
    #expect(throws: FileError("sync the directory", folder.path, EIO)) {
      try folder.sync(since: before)
    }
    #expect(throws: FileError("sync the directory", folder.path, EIO)) {
      try folder.syncFileSystem(since: before)
    }
    try folder.sync(since: folder.mark)
    try folder.syncFileSystem(since: folder.mark)
  }
}
