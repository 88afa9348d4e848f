import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Files that come over HTTP.
  @Suite struct Uploads {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private struct Accepted: Decodable {
      let taskID: String?
      let tasks: [File]

      private enum CodingKeys: String, CodingKey {
        case taskID = "task_id"
        case tasks
      }

      struct File: Decodable {
        let taskID: String
        let name: String

        private enum CodingKeys: String, CodingKey {
          case taskID = "task_id"
          case name
        }
      }
    }

    private func form(_ files: [(name: String, contents: String)], field: String = "file") -> Data {
      var text = "--b0undary\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n"
      for file in files {
        text += "--b0undary\r\nContent-Disposition: form-data; name=\"\(field)\";"
        text += " filename=\"\(file.name)\"\r\nContent-Type: text/csv\r\n\r\n\(file.contents)\r\n"
      }
      return Data((text + "--b0undary--\r\n").utf8)
    }

    private static let formType = ("Content-Type", "multipart/form-data; boundary=b0undary")

    private func leftovers() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work")
        + FileManager.default.contentsOfDirectory(atPath: sandbox.inbox)
    }

    private func awaitNothingLeft() async throws {
      try await eventually("nothing is left of what was sent") { try leftovers().isEmpty }
      #expect(try await sandbox.value("SELECT count(*) AS n FROM manifest") == "0")
    }

    @Test func `a body is a file of that name, and the manifest has its row with the answer`()
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      let answer = try await door.put("plays.csv", Data(Sandbox.plays(5).utf8))
      #expect(answer.status == 202, "\(answer.text)")
      let task = try #require(try answer.json(Accepted.self).taskID)
      #expect(answer.headers["location"] == "/tasks/\(task)")
      #expect(
        try await sandbox.value("SELECT name FROM manifest WHERE task_id = '\(task)'")
          == "plays.csv")
      try await sandbox.awaitAllFinished(1)
      #expect(try sandbox.result("plays.csv") == Sandbox.total(5))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `the files of a form are a task each, two of one name as well`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let body = form([
        ("a.csv", Sandbox.plays(1)), ("a.csv", Sandbox.plays(20)),
        ("ä %22.csv", Sandbox.plays(300)),
      ])
      let answer = try await door.request(
        "POST", "/upload", headers: [Self.formType], body: body)
      #expect(answer.status == 202, "\(answer.text)")
      let accepted = try answer.json(Accepted.self)
      #expect(accepted.taskID == nil)
      #expect(accepted.tasks.map(\.name) == ["a.csv", "a.csv", "ä \".csv"])
      #expect(Set(accepted.tasks.map(\.taskID)).count == 3)
      try await sandbox.awaitAllFinished(3)
      #expect(try await sandbox.playsSum() == 321)
      #expect(try sandbox.result("a.2.csv") != nil)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `curl sends both ways`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let file = sandbox.desk + "/plays.csv"
      try Data(Sandbox.plays(5).utf8).write(to: URL(fileURLWithPath: file))
      for arguments in [
        ["-T", file, door.base + "/inbox/"],
        ["-H", "Expect: 100-continue", "-T", file, door.base + "/inbox/b.csv"],
        ["-F", "file=@\(file)", "-F", "file=@\(file);filename=c.csv", door.base + "/upload"],
      ] {
        let outcome = try await run(
          "/usr/bin/env", ["curl", "-sS", "--fail-with-body"] + arguments)
        #expect(outcome.end == .exit(0), "\(outcome.output)\(outcome.errorText)")
      }
      // That of the form has the name and the bytes of the first.
      try await sandbox.awaitAllFinished(3)
      #expect(
        try await sandbox.value(
          "SELECT group_concat(name, ' ') AS names FROM (SELECT name FROM manifest ORDER BY name)")
          == "b.csv c.csv plays.csv")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: [
      ("plays.txt", 415), (".hidden.csv", 400), ("a.csv.part", 415), ("..%2Fa.csv", 400),
      ("%2Fa.csv", 400),
      ("%2e%2e", 400), ("a%00.csv", 400), ("a%zz.csv", 400),
      (String(repeating: "x", count: 252) + ".csv", 400),
    ])
    func `a name that the inbox would not take is refused`(name: String, status: Int) async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let answer = try await door.put(name, Data(Sandbox.plays(5).utf8))
      #expect(
        [status, name.hasSuffix(".part") ? 400 : status].contains(answer.status), "\(answer.text)")
      #expect(!(try answer.problem()).isEmpty)
      try await awaitNothingLeft()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a form without a file, without a name or without an end leaves nothing`()
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      let whole = form([("a.csv", Sandbox.plays(1)), ("b.csv", Sandbox.plays(2))])
      for (body, status) in [
        (form([]), 400), (form([("a.csv", "x")], field: "files"), 400), (form([("", "x")]), 400),
        (form([("a.csv", Sandbox.plays(1)), ("b.txt", "x")]), 415),
        (form([("../a.csv", "x")]), 400),
        (whole.dropLast(20), 400), (Data(), 400),
      ] {
        let answer = try await door.request("POST", "/upload", headers: [Self.formType], body: body)
        #expect(answer.status == status, "\(answer.text)")
        #expect(!(try answer.problem()).isEmpty)
      }
      #expect(try await door.request("POST", "/upload", body: whole).status == 415)
      try await awaitNothingLeft()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a client that goes away leaves nothing`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let head = "PUT /inbox/plays.csv HTTP/1.1\r\nHost: localhost\r\n"
      try await door.leave(after: head + "Content-Length: 1000\r\n\r\n" + Sandbox.plays(5))
      try await door.leave(
        after: head + "Transfer-Encoding: chunked\r\n\r\n5\r\nSong,\r\n")
      let half = try await door.raw(head + "Content-Length: 1000\r\n\r\n" + Sandbox.plays(5))
      #expect(half.hasPrefix("HTTP/1.1 400"), "\(half)")
      let form = "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n"
      try await door.leave(
        after: form + "\(Self.formType.0): \(Self.formType.1)\r\n\r\n"
          + String(decoding: self.form([("a.csv", Sandbox.plays(1))]), as: UTF8.self))
      try await awaitNothingLeft()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a form of many files has one of them open at a time`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let descriptors = "/proc/\(daemon.processID)/fd"
      let before = try FileManager.default.contentsOfDirectory(atPath: descriptors).count
      let files = (0..<200).map { (name: "p\($0).csv", contents: Sandbox.plays($0)) }
      // Without its end.
      let body = String(decoding: form(files).dropLast(20), as: UTF8.self)
      async let sent = door.dribble(
        "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n"
          + "\(Self.formType.0): \(Self.formType.1)\r\n\r\n" + body, every: 1)
      try await eventually("all are written") { try leftovers().count == files.count }
      let after = try FileManager.default.contentsOfDirectory(atPath: descriptors).count
      #expect(after - before < 20, "\(before) \(after)")
      #expect(try await daemon.stop() == .exit(0))
      _ = try await sent
      #expect(try leftovers().isEmpty)
      #expect(try await sandbox.value("SELECT count(*) AS n FROM manifest") == "0")
    }

    @Test func `what is too large is refused, before the body where it is said`() async throws {
      let (daemon, door) = try await sandbox.openDoor(["--max-upload", "1000"])
      let said = try await door.raw(
        "PUT /inbox/plays.csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n"
          + "Expect: 100-continue\r\n\r\n")
      #expect(said.hasPrefix("HTTP/1.1 413"), "\(said)")
      let large = String(repeating: "x", count: 2000)
      let found = try await door.raw(
        "PUT /inbox/plays.csv HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "7d0\r\n\(large)\r\n0\r\n\r\n")
      #expect(found.hasPrefix("HTTP/1.1 413"), "\(found)")
      let form = try await door.request(
        "POST", "/upload", headers: [Self.formType, ("Transfer-Encoding", "chunked")],
        body: Data("7d0\r\n\(large)\r\n0\r\n\r\n".utf8))
      #expect(form.status == 413)
      let packed = try await door.put(
        "plays.csv", Data("x".utf8), headers: [("Content-Encoding", "gzip")])
      #expect(packed.status == 415)
      try await awaitNothingLeft()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `nothing is taken where too little space would be left`() async throws {
      let (daemon, door) = try await sandbox.openDoor(["--min-free", "8000TiB"])
      let answer = try await door.put("plays.csv", Data(Sandbox.plays(5).utf8))
      #expect(answer.status == 507)
      #expect(try answer.problem().contains("min-free"))
      try await awaitNothingLeft()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `the same key is the same upload, over restarts too`() async throws {
      var (daemon, door) = try await sandbox.openDoor()
      let key = ("Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324")
      let body = Data(Sandbox.plays(5).utf8)
      let first = try await door.put("plays.csv", body, headers: [key])
      #expect(first.status == 202)
      let again = try await door.put("plays.csv", body, headers: [key])
      #expect(again.body == first.body)
      let other = try await door.put("other.csv", body, headers: [key])
      #expect(other.status == 422)
      try await daemon.kill()
      (daemon, door) = try await sandbox.openDoor()
      let later = try await door.put("plays.csv", body, headers: [key])
      #expect(later.body == first.body)
      #expect(
        try await door.put("plays.csv", body, headers: [("Idempotency-Key", "a b")]).status == 400)
      let form = form([("a.csv", Sandbox.plays(1)), ("b.csv", Sandbox.plays(2))])
      let headers = [Self.formType, ("Idempotency-Key", "form")]
      async let one = door.request("POST", "/upload", headers: headers, body: form)
      async let two = door.request("POST", "/upload", headers: headers, body: form)
      let (left, right) = (try await one, try await two)
      #expect(left.status == 202 && left.body == right.body, "\(left.text)\(right.text)")
      try await sandbox.awaitAllFinished(3)
      #expect(try await sandbox.value("SELECT count(*) AS n FROM manifest") == "3")
      try await eventually("nothing is left of what was sent twice") { try leftovers().isEmpty }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a large upload takes little memory, and a stop does not wait for one`() async throws
    {
      let large = try await sandbox.generate(rows: 10_000_000, shape: "low")
      let (daemon, door) = try await sandbox.openDoor(["--memory", "16MiB"])
      let before = try daemon.peakMemory()
      let answer = try await door.put("large.csv", file: large, headers: ["Idempotency-Key:large"])
      #expect(answer.status == 202, "\(answer.text)")
      let after = try daemon.peakMemory()
      #expect(after - before < 100 << 20, "\(before) \(after)")
      async let slow = door.dribble(
        "PUT /inbox/slow.csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\nSong",
        every: 1)
      try await eventually("the slow upload has begun") {
        try leftovers().count == 2
      }
      #expect(try await daemon.stop() == .exit(0))
      _ = try await slow
      let outcome = try await sandbox.once()
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      #expect(try await sandbox.value("SELECT count(*) AS n FROM manifest") == "1")
    }
  }
}
