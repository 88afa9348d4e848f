import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Whom the HTTP door answers, and how much of it a client may take.
  @Suite struct DoorSecurity {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test func `only a name of this machine is answered to`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      for host in [
        "localhost", "LOCALHOST:80", "127.0.0.1", "127.1.2.3:8080", "[::1]", door.authority,
      ] {
        let answer = try await door.get("/healthz", headers: [("Host", host)])
        #expect(answer.status == 200, "\(host)")
      }
      for host in [
        "example.org", "example.org:5000", "127.0.0.1.example.org", "localhost.example.org",
        "0.0.0.0", "192.168.1.1", "[::2]", "localhost:x", "user@localhost",
      ] {
        let answer = try await door.get("/tasks", headers: [("Host", host)])
        #expect(answer.status == 421, "\(host)")
        #expect(try answer.problem().contains("not the host"))
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a page of another site changes nothing`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      for (name, value) in [
        ("Origin", "http://example.org"), ("Origin", "null"), ("Origin", "https://localhost"),
        ("Origin", "http://localhost:1"), ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
      ] {
        let answer = try await door.post("/tasks/plays.csv/forget", headers: [(name, value)])
        #expect(answer.status == 403, "\(name): \(value)")
        #expect(try answer.problem().contains("another site"))
        #expect(answer.headers["access-control-allow-origin"] == nil)
      }
      #expect(try await sandbox.value("SELECT status FROM manifest") == "done")
      let ours = try await door.post(
        "/tasks/plays.csv/forget",
        headers: [("Origin", door.base), ("Sec-Fetch-Site", "same-origin")])
      #expect(ours.status == 200, "\(ours.text)")
      #expect(try await sandbox.value("SELECT status FROM manifest") == "cancelled")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a task is forgotten and tried again over HTTP`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("plays.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      let early = try await door.post("/tasks/plays.csv/cancel")
      #expect(early.status == 409)
      #expect(try early.problem().contains("done already"))
      #expect(try await door.post("/tasks/never.csv/forget").status == 404)
      #expect(try await door.post("/tasks/plays.csv/forget").status == 200)
      #expect(try await door.post("/tasks/plays.csv/retry", body: "{").status == 400)
      #expect(
        try await door.post("/tasks/plays.csv/retry", body: "{\"file\": null}").status == 400)
      #expect(try await door.post("/tasks/plays.csv/retry").status == 200)
      try await sandbox.awaitAllFinished(1)
      #expect(try await sandbox.playsSum() == 1)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `nobody has the daemon read a file by its path`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("plays.csv", "Song,Date,Number of Plays\nA,d,x\n")
      try await sandbox.awaitAllFinished(1)
      let answer = try await door.post(
        "/tasks/plays.csv/retry", body: "{\"file\": \"/etc/passwd\"}")
      #expect(answer.status == 403)
      #expect(try await sandbox.value("SELECT status FROM manifest") == "failed")
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `every answer forbids a browser all that it does not need`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      for path in ["/healthz", "/tasks", "/tasks/never.csv", "/nothing"] {
        let headers = try await door.get(path).headers
        #expect(headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
        #expect(headers["x-content-type-options"] == "nosniff")
        #expect(headers["x-frame-options"] == "DENY")
        #expect(headers["referrer-policy"] == "no-referrer")
        #expect(headers["cross-origin-resource-policy"] == "same-origin")
        #expect(headers["cache-control"] == "no-store")
        #expect(headers["server"] == nil)
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `the page asks nobody but us, and every part of it is there`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let page = try await door.get("/")
      #expect(page.status == 200)
      #expect(page.headers["content-type"] == "text/html; charset=utf-8")
      var (wanted, seen) = (["/"], Set<String>())
      while let path = wanted.popLast() {
        guard seen.insert(path).inserted else { continue }
        let part = try await door.get(path)
        #expect(part.status == 200, "\(path)")
        let policy = part.headers["content-security-policy"] ?? ""
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self';"), "\(path)")
        #expect(!policy.contains("unsafe") && !policy.contains("http"), "\(path)")
        let tag = try #require(part.headers["etag"])
        #expect(try await door.get(path, headers: [("If-None-Match", tag)]).status == 304)
        let links = /(?:href="|src="|from ")(\/[a-z.]+)"/
        wanted += part.text.matches(of: links).map { String($0.1) }
      }
      #expect(seen.count == 14)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a wrong path and a wrong method are told apart`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let missing = try await door.get("/nothing")
      #expect(missing.status == 404)
      _ = try missing.problem()
      for method in ["DELETE", "TRACE", "OPTIONS", "PROPFIND", "POST"] {
        let answer = try await door.request(method, "/tasks")
        #expect(answer.status == 405, "\(method)")
        #expect(answer.headers["allow"] == "GET, HEAD")
      }
      let head = try await door.request("HEAD", "/tasks")
      #expect(head.status == 200)
      #expect(head.body.isEmpty)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: [
      "GET / HTTP/1.1\r\n\r\n", "GET /tasks HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", "GET\r\n\r\n",
      "GET /tasks HTTP/1.1\r\nHost: localhost\r\nLong: " + String(repeating: "x", count: 20_000)
        + "\r\n\r\n",
      "GET /tasks HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "a: b\r\n", count: 200)
        + "\r\n",
      "GET /" + String(repeating: "x", count: 100_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST /tasks/a/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /tasks HTTP/1.1\r\n\r\n",
      "POST /tasks/a/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        + "Content-Length: 2\r\n\r\nab",
      "POST /tasks/a/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "POST /tasks/a/retry HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "fffffffffffffffff\r\nx",
    ])
    func `what is no request of ours is refused, and the daemon lives`(
      bytes: String
    ) async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let answer = try await door.raw(bytes)
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer == "(reset)", "\(answer)")
      #expect(answer.components(separatedBy: "HTTP/1.1 ").count <= 2, "\(answer)")
      #expect(try await door.get("/healthz").status == 200)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test(arguments: [
      String(repeating: "x", count: 20_000), "1\r\n" + String(repeating: "a: b\r\n", count: 200),
    ])
    func `a head that is too large is told so`(header: String) async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let answer = try await door.raw(
        "GET /tasks HTTP/1.1\r\nHost: localhost\r\nLong: \(header)\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 431"), "\(answer)")
      #expect(answer.contains("application/problem+json"))
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `with a token nobody is answered without it, under whatever name`() async throws {
      let file = sandbox.desk + "/token"
      let token = "0123456789abcdef0123456789abcdef"
      try Data("\(token)\n".utf8).write(to: URL(fileURLWithPath: file))
      let daemon = try await sandbox.daemon([
        "--http", "0.0.0.0:0", "--http-token-file", file,
      ])
      let door = try await Door(of: daemon, in: sandbox)
      let basic = Data("anybody:\(token)".utf8).base64EncodedString()
      let wrong = Data("anybody:\(token)x".utf8).base64EncodedString()
      for (header, status) in [
        ("", 401), ("Bearer", 401), ("Bearer ", 401), ("Bearer \(token.dropLast())", 401),
        ("Bearer \(token)x", 401), ("Basic \(wrong)", 401), ("Basic ???", 401),
        ("Digest \(token)", 401), ("Bearer \(token)", 200), ("bearer \(token)", 200),
        ("Basic \(basic)", 200),
      ] {
        let answer = try await door.get(
          "/tasks", headers: [("Host", "plays.example.org"), ("Authorization", header)])
        #expect(answer.status == status, "\(header)")
        if status == 401 {
          #expect(answer.headers["www-authenticate"]?.hasPrefix("Basic realm") == true)
          _ = try answer.problem()
        }
      }
      #expect(try await door.get("/healthz").status == 200)
      let foreign = try await door.post(
        "/tasks/a/cancel",
        headers: [("Authorization", "Bearer \(token)"), ("Origin", "https://example.org")])
      #expect(foreign.status == 403)
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `an address that others reach needs a token that cannot be guessed`() async throws {
      let file = sandbox.desk + "/token"
      try Data("short\n".utf8).write(to: URL(fileURLWithPath: file))
      let outcome = try await sandbox.once(["--http-token-file", file])
      #expect(outcome.end == .exit(2))
      #expect(outcome.errorText.contains("holds no token"), "\(outcome.errorText)")
    }

    @Test func `a client that is too slow is cut off while others are answered`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      async let head = door.dribble("GET /tasks HTTP/1.1\r\nHost: localhost\r\nX: ", every: 2)
      async let body = door.dribble(
        "POST /tasks/a/retry HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n",
        every: 2)
      #expect(try await door.get("/healthz").status == 200)
      let slowHead = try await head
      #expect(["", "(reset)"].contains(slowHead), "\(slowHead)")
      let slowBody = try await body
      #expect(slowBody.hasPrefix("HTTP/1.1 408"), "\(slowBody)")
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
