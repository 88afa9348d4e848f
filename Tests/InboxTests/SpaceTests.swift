import Files
import Synchronization
import TaskModel
import TestSupport
import Testing

@testable import Inbox

extension WatchedInbox {
  private final class Disk: Sendable {
    let isFull = Mutex(true)

    func check() throws {
      if isFull.withLock({ $0 }) { throw SpaceShortage(path: "/disk", free: 10, minimum: 4096) }
    }
  }

  @Test
  func `without space nothing is taken, each file says so, and all are taken once there is some`()
    async throws
  {
    let (disk, log) = (Disk(), LogLines())
    let running = try RunningInbox(
      rescan: .milliseconds(20), requireSpace: { try disk.check() }, log: log)
    try await running.start()
    for name in ["a.csv", "b.csv"] as [FileName] {
      try running.outside.append("x", to: name)
      try running.outside.move(name, to: running.folder, as: name)
    }
    let sentence = "\(SpaceShortage(path: "/disk", free: 10, minimum: 4096))"
    #expect(sentence.contains("/disk has 10 B free") && sentence.contains("4.0 KiB"))
    try await running.awaitReason(.noSpace(sentence), of: "a.csv")
    try await running.awaitReason(.noSpace(sentence), of: "b.csv")
    #expect(running.claims == [])
    disk.isFull.withLock { $0 = false }
    #expect(Set(try await running.awaitClaims(2).map(\.name.text)) == ["a.csv", "b.csv"])
    // Told once, and once that it is over.
    #expect(log.holding("error no file is taken").count == 1)
    #expect(log.holding("notice files are taken again").count == 1)
    try running.stop()
  }
}
