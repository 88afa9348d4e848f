import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Clients that mean harm, or do it.
  @Suite struct HostileClients {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let hidden =
      "POST /tasks/plays.csv/forget HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"

    private func awaitNothingLeft() async throws {
      try await eventually("nothing is left of what was sent") {
        try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/work").isEmpty
      }
    }

    private func statusLines(_ answers: String) -> [Substring] {
      answers.matches(of: /HTTP\/1\.1 (\d+)/).map(\.1)
    }

    @Test func `requests that come at once are answered in turn, and a body is none of them`()
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
      let contents = Sandbox.plays(5)
      let put =
        "PUT /inbox/plays.csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(contents.utf8.count)\r\n\r\n"
      let missing = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
      let many = String(repeating: get, count: 100) + put + contents + missing + get
      #expect(
        statusLines(try await door.raw(many))
          == Array(repeating: "200", count: 100) + ["202", "404", "200"])
      // What is in a body is a file, and its request is the only one.
      let inBody =
        "PUT /inbox/b.csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(Self.hidden.utf8.count)\r\n\r\n"
      #expect(statusLines(try await door.raw(inBody + Self.hidden)) == ["202"])
      try await sandbox.awaitAllFinished(2)
      #expect(try await sandbox.statuses() == ["done": 1, "failed": 1])
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: [
      "Content-Length: 6\r\nTransfer-Encoding: chunked", "Transfer-Encoding: xchunked",
      "Transfer-Encoding: chunked\r\nContent-Length: 6", "Transfer-Encoding: chunked, identity",
      "Transfer-Encoding : chunked", "Transfer-Encoding:\u{b}chunked",
      "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: 0",
      "Content-Length: 0\r\nContent-Length: 5", "Content-Length: 5, 6", "Content-Length: +5",
      "Content-Length: 0x5", "Content-Length: 5 5", "Content-Length : 5",
      "Content-Length: 99999999999999999999", "X: a\u{0}b\r\nContent-Length: 5",
      "X: a\r\r\nContent-Length: 5", "X\r\nContent-Length: 5",
    ])
    func `a length that can be read in two ways hides no second request`(framing: String)
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      let answers = try await door.raw(
        "PUT /inbox/b.csv HTTP/1.1\r\nHost: localhost\r\n\(framing)\r\n\r\n0\r\n\r\n" + Self.hidden)
      #expect(statusLines(answers).allSatisfy { $0.hasPrefix("4") || $0 == "501" }, "\(answers)")
      #expect(statusLines(answers).count <= 1, "\(answers)")
      #expect(try await sandbox.statuses() == ["done": 1])
      try await awaitNothingLeft()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: [
      "5\r\nSong,", "5\r\nSong,xx\r\n0\r\n\r\n", "-1\r\nx\r\n0\r\n\r\n",
      "0x5\r\nSong,\r\n0\r\n\r\n",
      "g\r\nx\r\n0\r\n\r\n", "\r\n0\r\n\r\n", "ffffffffffffffffff\r\nx",
      "5;" + String(repeating: "x", count: 1 << 20),
      "5\r\nSong,\r\n0\r\nX: " + String(repeating: "x", count: 1 << 20) + "\r\n\r\n",
    ])
    func `a body in broken chunks is refused and leaves nothing`(chunks: String) async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let answers = try await door.raw(
        "PUT /inbox/plays.csv HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
          + chunks)
      #expect(statusLines(answers).allSatisfy { $0.hasPrefix("4") }, "\(answers)")
      try await awaitNothingLeft()
      #expect(try await sandbox.value("SELECT count(*) AS n FROM manifest") == "0")
      #expect(try await door.get("/healthz").status == 200)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: [
      "/result/..%2F..%2F..%2F..%2Fetc%2Fpasswd", "/result/%2Fetc%2Fpasswd",
      "/result/../../etc/passwd",
      "/../../../etc/passwd", "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
      "/style.css/../../etc/passwd",
      "/tasks/..%2Fwatchd.db", "/tasks/..%5C..%5Cetc%5Cpasswd/rejects", "/tasks/%00/events",
      "/result/plays.csv%00.png", "/result/..%C0%AF..%C0%AFetc%2Fpasswd/rows", "/tasks/.",
    ])
    func `no path of a request is a path of this machine`(path: String) async throws {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      let answer = try await door.get(path)
      #expect([400, 404].contains(answer.status), "\(answer.text)")
      _ = try answer.problem()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a link in the place of a result is not followed`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      let (result, aside) = (sandbox.outbox + "/plays.csv", sandbox.desk + "/aside.csv")
      try FileManager.default.moveItem(atPath: result, toPath: aside)
      // To the very bytes, which were seen to be the task's already, too.
      for target in [aside, "/etc/passwd"] {
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: sandbox.outbox)
            .allSatisfy { $0 != "plays.csv" })
        try FileManager.default.createSymbolicLink(atPath: result, withDestinationPath: target)
        for path in ["/result/plays.csv", "/result/plays.csv/rows", "/result/plays.csv/chart"] {
          let answer = try await door.get(path)
          #expect(answer.status == 410, "\(answer.text)")
          #expect(!answer.text.contains("root:"))
        }
        try FileManager.default.removeItem(atPath: result)
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    /// DNS rebinding by the other place where a request names its host, which counts more than the header (RFC 9112, 3.2.2).
    @Test(arguments: [
      "http://example.org/tasks", "http://example.org:80/", "//example.org/tasks",
      "example.org/tasks",
    ])
    func `another host in the first line of a request is not answered to`(target: String)
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("secret.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      let answer = try await door.raw("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(statusLines(answer).allSatisfy { $0.hasPrefix("4") }, "\(answer)")
      #expect(!answer.contains("secret.csv"))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a form on another site's page sends no file`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let form = Data(
        ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
          + Sandbox.plays(1) + "\r\n--b--\r\n").utf8)
      for origin in [
        "https://example.org", "null", "http://localhost.example.org", "http://localhost:1",
      ] {
        let answer = try await door.request(
          "POST", "/upload",
          headers: [("Content-Type", "multipart/form-data; boundary=b"), ("Origin", origin)],
          body: form)
        #expect(answer.status == 403, "\(origin)")
        #expect(answer.headers["access-control-allow-origin"] == nil)
      }
      // What a browser asks before it sends anything but a form.
      let asked = try await door.request(
        "OPTIONS", "/inbox/a.csv",
        headers: [("Origin", "https://example.org"), ("Access-Control-Request-Method", "PUT")])
      #expect(asked.status >= 400 && asked.headers["access-control-allow-origin"] == nil)
      try await awaitNothingLeft()
      #expect(try await sandbox.value("SELECT count(*) AS n FROM manifest") == "0")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `an upload that comes too slowly is cut off, told so, and leaves nothing`()
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      let answer = try await door.dribble(
        "PUT /inbox/plays.csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\nSong,",
        every: 2)
      #expect(answer.hasPrefix("HTTP/1.1 408"), "\(answer)")
      try await awaitNothingLeft()
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `clients that leave in the middle of an answer leave nothing open`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let large = try await sandbox.generate(rows: 300_000)
      try sandbox.moveIn(large)
      try await sandbox.awaitAllFinished(1)
      _ = try await door.get("/result/large.csv", headers: [("Range", "bytes=0-0")])
      let descriptors = "/proc/\(daemon.processID)/fd"
      let before = try FileManager.default.contentsOfDirectory(atPath: descriptors).count
      for path in [
        "/result/large.csv", "/result/large.csv/rows?sort=plays", "/events", "/totals", "/tasks",
      ] {
        for _ in 0..<5 {
          try await door.leave(after: "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        }
      }
      try await eventually("all that they had open is closed") {
        try FileManager.default.contentsOfDirectory(atPath: descriptors).count <= before
      }
      #expect(try await door.get("/healthz").status == 200)
      #expect(try await daemon.stop() == .exit(0))
    }

    /// As many as may be at a time is half of what the process may open.
    @Test
    func
      `a crowd of silent connections holds up no file, and others for no longer than a head may take`()
      async throws
    {
      let daemon = try await sandbox.daemon(["--http", "127.0.0.1:0"], openFiles: 256)
      let door = try await Door(of: daemon, in: sandbox)
      let start = ContinuousClock.now
      async let crowd = door.crowd(of: 180)
      try await eventually("it is there") {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.processID)/fd").count
          > 128
      }
      try sandbox.drop("plays.csv", Sandbox.plays(5))
      try await sandbox.awaitAllFinished(1)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.processID)/fd").count
          < 200)
      #expect(try await crowd.hasPrefix("HTTP/1.1 200"))
      // There was no room for it before the first of the others were cut off.
      #expect(ContinuousClock.now - start > .seconds(10))
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
