import Files
import TaskModel
import Testing

@testable import Inbox

/// A claim of which a sync has failed is undone, and whatever comes of it is the only one of its file.
@Suite struct UndoTests {
  /// A file that was taken, and the folder in which it lies now.
  private func taken(_ contents: String, in running: RunningInbox) throws -> ClaimedFile {
    try running.folder.append(contents, to: "a.csv")
    let seen = try #require(try running.folder.directory.status(of: "a.csv"))
    guard case .claimed(let claim) = try running.inbox.claimer.claim("a.csv", seen: seen) else {
      throw RunningInbox.Refused()
    }
    #expect(try running.folder.directory.entries() == [])
    return claim
  }

  @Test func `what was taken lies in the inbox again, and nothing of it in work`() throws {
    let running = try RunningInbox()
    let claim = try taken("a", in: running)
    #expect(running.inbox.claimer.undo(claim) == nil)
    #expect(try running.folder.contents("a.csv") == "a")
    #expect(try running.work.entries() == [])
  }

  @Test func `where another file has its name by now, it is claimed anew and the other one stays`()
    throws
  {
    let running = try RunningInbox()
    let claim = try taken("old", in: running)
    try running.folder.append("new", to: "a.csv")
    let again = try #require(running.inbox.claimer.undo(claim))
    #expect(again.taskID != claim.taskID)
    #expect(try running.folder.contents("a.csv") == "new")
    #expect(try running.work.entries() == [Claimer.folderName(again.taskID)])
    let folder = try Folder(try running.work.directory(Claimer.folderName(again.taskID)).path)
    #expect(try folder.contents("a.csv") == "old")
  }

  @Test func `a copy goes, and its source stays where it lies`() throws {
    let running = try RunningInbox()
    try running.folder.append("a", to: "a.csv")
    let id = TaskID.make()
    let folder = try Folder(try running.work.directory(Claimer.folderName(id)).path)
    try folder.append("a", to: ".partial")
    let source = try #require(try running.folder.directory.status(of: "a.csv"))
    let claim = ClaimedFile(taskID: id, name: "a.csv", size: 1, source: source)
    #expect(running.inbox.claimer.undo(claim) == nil)
    #expect(try running.folder.contents("a.csv") == "a")
    #expect(try running.work.entries() == [])
  }

  @Test func `a claim that cannot be undone is kept`() throws {
    let running = try RunningInbox()
    let claim = ClaimedFile(taskID: TaskID.make(), name: "a.csv", size: 1, source: nil)
    #expect(running.inbox.claimer.undo(claim) == claim)
  }
}
