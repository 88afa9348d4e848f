import Crypto
import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Files that come over HTTP a second time, and bodies that are not what was declared.
  @Suite struct SentAgain {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private struct Accepted: Decodable {
      let tasks: [File]

      struct File: Decodable {
        let taskID: String
        let known: Bool?

        private enum CodingKeys: String, CodingKey {
          case taskID = "task_id"
          case known
        }
      }
    }

    private func send(
      _ contents: Data, as name: String = "plays.csv", to door: Door
    ) async throws -> Accepted.File {
      let answer = try await door.put(name, contents)
      #expect(answer.status == 202, "\(answer.text)")
      return try #require(try answer.json(Accepted.self).tasks.first)
    }

    private func leftovers() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work")
    }

    @Test
    func `the same bytes under the same name give the same task, over restarts, and count once`()
      async throws
    {
      var (daemon, door) = try await sandbox.openDoor()
      let contents = Data(Sandbox.plays(5).utf8)
      let first = try await send(contents, to: door)
      #expect(first.known == nil)
      // Whether the first waits, runs or is done by now.
      #expect(try await send(contents, to: door).taskID == first.taskID)
      try await sandbox.awaitAllFinished(1)
      try await daemon.kill()
      (daemon, door) = try await sandbox.openDoor()
      let later = try await send(contents, to: door)
      #expect(later.taskID == first.taskID && later.known == true)
      let named = try await send(contents, as: "other.csv", to: door)
      #expect(named.taskID != first.taskID && named.known == nil)
      try await sandbox.awaitAllFinished(2)
      #expect(try await sandbox.statuses() == ["done": 1, "duplicate": 1])
      #expect(try await sandbox.playsSum() == 5)
      let story = try await door.get("/tasks/\(first.taskID)")
      #expect(story.text.components(separatedBy: "\"sent-again\"").count == 3, "\(story.text)")
      try await eventually("nothing is left of what was sent again") { try leftovers().isEmpty }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a dropped file that is sent is the task it has, a packed one as well`() async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("plays.csv", Sandbox.plays(5))
      try await sandbox.awaitAllFinished(1)
      #expect(try await send(Data(Sandbox.plays(5).utf8), to: door).known == true)
      let file = sandbox.desk + "/packed.csv"
      try Data(Sandbox.plays(300, song: "Packed").utf8).write(to: URL(fileURLWithPath: file))
      #expect(try await run("/usr/bin/env", ["gzip", file]).end == .exit(0))
      let packed = try Data(contentsOf: URL(fileURLWithPath: file + ".gz"))
      let first = try await send(packed, as: "packed.csv.gz", to: door)
      try await sandbox.awaitAllFinished(2)
      #expect(try await send(packed, as: "packed.csv.gz", to: door).taskID == first.taskID)
      #expect(try await sandbox.playsSum() == 305)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `with on-duplicate load the same bytes are a task again`() async throws {
      let (daemon, door) = try await sandbox.openDoor(["--on-duplicate", "load"])
      let contents = Data(Sandbox.plays(5).utf8)
      let first = try await send(contents, to: door)
      let second = try await send(contents, to: door)
      #expect(first.taskID != second.taskID && second.known == nil)
      try await sandbox.awaitAllFinished(2)
      #expect(try await sandbox.playsSum() == 10)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a failed file that is sent again is done anew`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let contents = Data("Song,Date,Number of Plays\na,b,c\n".utf8)
      let first = try await send(contents, to: door)
      try await sandbox.awaitAllFinished(1)
      #expect(try await send(contents, to: door).taskID != first.taskID)
      try await sandbox.awaitAllFinished(2)
      #expect(try await sandbox.statuses() == ["failed": 2])
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: ["Content-Digest", "Repr-Digest"])
    func `a body has to be the one that its digest declares, and leaves nothing otherwise`(
      header: String
    ) async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let contents = Data(Sandbox.plays(5).utf8)
      let (short, long) = (
        Data(SHA256.hash(data: contents)).base64EncodedString(),
        Data(SHA512.hash(data: contents)).base64EncodedString()
      )
      let other = Data(SHA256.hash(data: Data())).base64EncodedString()
      for wrong in [
        "sha-256=:\(other):", "sha-512=:\(short):", "sha-256=:\(short):, sha-512=:\(other):",
        "sha-256=\(short)", "sha-256=:!:", "sha-256", "=:\(short):",
      ] {
        let answer = try await door.put("plays.csv", contents, headers: [(header, wrong)])
        #expect(answer.status == 400, "\(wrong)")
        #expect(try answer.problem().contains(header), "\(answer.text)")
      }
      let form = Data(
        ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
          + Sandbox.plays(1) + "\r\n--b--\r\n").utf8)
      let type = ("Content-Type", "multipart/form-data; boundary=b")
      let refused = try await door.request(
        "POST", "/upload", headers: [type, (header, "sha-256=:\(short):")], body: form)
      #expect(refused.status == 400, "\(refused.text)")
      try await eventually("nothing is left of what was refused") { try leftovers().isEmpty }
      #expect(try await sandbox.value("SELECT count(*) AS n FROM manifest") == "0")

      let whole = Data(SHA256.hash(data: form)).base64EncodedString()
      let taken = try await door.request(
        "POST", "/upload", headers: [type, (header, "sha-256=:\(whole):")], body: form)
      #expect(taken.status == 202, "\(taken.text)")
      let right = try await door.put(
        "plays.csv", contents,
        headers: [(header, "md5=:AAAA:, sha-256=:\(short):;p=1 , sha-512=:\(long):")])
      #expect(right.status == 202, "\(right.text)")
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
