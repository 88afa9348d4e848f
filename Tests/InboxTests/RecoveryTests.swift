import Files
import Foundation
import TaskModel
import TestSupport
import Testing

@testable import Inbox

/// One test a row of the table in Inbox+Recovery.swift.
@Suite struct RecoveryTests {
  private let running: RunningInbox
  private let id = TaskID.make()
  private let folder: Folder

  init() throws {
    running = try RunningInbox()
    folder = try Folder(try running.work.directory(Claimer.folderName(id)).path)
  }

  private var workEntries: [FileName] { get throws { try running.work.entries() } }
  private var ours: FileName { Claimer.folderName(id) }

  private func recover(_ known: KnownTask? = nil) throws -> [ClaimedFile] {
    try running.inbox.recover { $0 == id ? known : nil }
  }

  @Test func `what is no task's folder is left alone`() throws {
    let work = try Folder(running.work.path)
    try work.makeDirectory("notes")
    try work.append("", to: "0198c5d0-0000-7000-8000-000000000000")
    #expect(try recover(KnownTask(name: "a.csv", source: nil)) == [])
    #expect(try workEntries.count == 3)
  }

  @Test func `an empty folder without a row is removed`() throws {
    #expect(try recover() == [])
    #expect(try workEntries == [])
  }

  @Test func `an empty folder with a row is left`() throws {
    #expect(try recover(KnownTask(name: "a.csv", source: nil)) == [])
    #expect(try workEntries == [ours])
  }

  @Test func `a file without a row is a claim to be recorded`() throws {
    try folder.append("abc", to: "a.csv")
    #expect(
      try recover() == [ClaimedFile(taskID: id, name: "a.csv", size: 3, source: nil)])
    #expect(try folder.contents("a.csv") == "abc")
  }

  @Test func `a file without a row that somebody still writes is put back`() throws {
    let writer = try folder.open("a.csv")
    #expect(try recover() == [])
    #expect(try workEntries == [])
    try folder.write("late", to: writer)
    try folder.close(writer)
    #expect(try running.folder.contents("a.csv") == "late")
  }

  @Test func `a file that somebody still writes is a claim where its name is taken again`() throws {
    let writer = try folder.open("a.csv")
    try running.folder.append("newer", to: "a.csv")
    #expect(
      try recover() == [ClaimedFile(taskID: id, name: "a.csv", size: 0, source: nil)])
    try folder.close(writer)
    #expect(try running.folder.contents("a.csv") == "newer")
  }

  @Test func `a file with a row is left`() throws {
    try folder.append("abc", to: "a.csv")
    #expect(try recover(KnownTask(name: "a.csv", source: nil)) == [])
    #expect(try folder.contents("a.csv") == "abc")
  }

  @Test func `a copy without a row is removed, for its source still lies in the inbox`() throws {
    try folder.append("ab", to: ".partial")
    try running.folder.append("abc", to: "a.csv")
    #expect(try recover() == [])
    #expect(try workEntries == [])
    #expect(try running.folder.contents("a.csv") == "abc")
  }

  @Test func `a copy with a row is finished, and its source removed`() throws {
    try folder.append("abc", to: ".partial")
    try running.folder.append("abc", to: "a.csv")
    let source = try running.folder.directory.status(of: "a.csv")
    #expect(try recover(KnownTask(name: "a.csv", source: source)) == [])
    #expect(try folder.contents("a.csv") == "abc")
    #expect(try running.folder.directory.entries() == [])
  }

  @Test func `a copy with a row is finished where its source was removed already`() throws {
    try folder.append("abc", to: ".partial")
    try running.folder.append("abc", to: "a.csv")
    let source = try running.folder.directory.status(of: "a.csv")
    try running.folder.move("a.csv", to: running.outside, as: "gone")
    #expect(try recover(KnownTask(name: "a.csv", source: source)) == [])
    #expect(try folder.contents("a.csv") == "abc")
  }

  @Test func `a copy with a row is finished where its source was already renamed for removal`()
    throws
  {
    try folder.append("abc", to: ".partial")
    try running.folder.append("abc", to: "a.csv")
    let source = try running.folder.directory.status(of: "a.csv")
    try running.folder.move("a.csv", to: running.folder, as: Claimer.takenName(id))
    #expect(try recover(KnownTask(name: "a.csv", source: source)) == [])
    #expect(try folder.contents("a.csv") == "abc")
    #expect(try running.folder.directory.entries() == [])
  }

  @Test func `another file under the name of a copied one is not removed`() throws {
    try folder.append("abc", to: ".partial")
    try running.folder.append("abc", to: "a.csv")
    let source = try running.folder.directory.status(of: "a.csv")
    try running.folder.append("d", to: "a.csv")
    #expect(try recover(KnownTask(name: "a.csv", source: source)) == [])
    #expect(try folder.contents("a.csv") == "abc")
    #expect(try running.folder.contents("a.csv") == "abcd")
  }

  @Test func `an upload with a row is given its name`() throws {
    try folder.append("abc", to: ".partial")
    #expect(try recover(KnownTask(name: "a.csv", source: nil)) == [])
    #expect(try folder.contents("a.csv") == "abc")
    #expect(try folder.directory.entries() == ["a.csv"])
  }

  @Test(arguments: [["a.csv", "b.csv"], ["a.txt"], [".partial", "a.csv"]] as [[FileName]])
  func `what no claim of ours leaves is left alone`(names: [FileName]) throws {
    for name in names { try folder.append("abc", to: name) }
    #expect(try recover() == [])
    #expect(try folder.directory.entries() == names)
  }

  @Test func `recovery done twice changes nothing more`() throws {
    try folder.append("abc", to: ".partial")
    try running.folder.append("abc", to: "a.csv")
    let task = KnownTask(
      name: "a.csv", source: try running.folder.directory.status(of: "a.csv"))
    #expect(try recover(task) == [])
    #expect(try recover(task) == [])
    #expect(try folder.contents("a.csv") == "abc")
  }
}
