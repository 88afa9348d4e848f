import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What HTTP tells of tasks, results and totals.
  @Suite struct Answers {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let header = "Song,Date,Number of Plays\n"

    @Test func `a result comes whole, in parts, or not at all where the client has it`()
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("ä \"x\".csv", Sandbox.plays(7))
      let path = "/result/%C3%A4%20%22x%22.csv"
      try await sandbox.awaitAllFinished(1)
      let whole = try await door.get(path)
      #expect(whole.status == 200)
      #expect(whole.text == Sandbox.total(7))
      #expect(
        whole.headers["content-disposition"]
          == "attachment; filename=\"__ _x_.csv\"; filename*=UTF-8''%C3%A4%20%22x%22.csv")
      let tag = try #require(whole.headers["etag"])
      #expect(
        try await door.get(path, headers: [("If-None-Match", "\"other\", W/\(tag)")]).status == 304)
      let part = try await door.get(path, headers: [("Range", "bytes=5-8")])
      #expect(part.status == 206)
      #expect(part.text == "Date")
      #expect(part.headers["content-range"] == "bytes 5-8/\(whole.body.count)")
      let end = try await door.get(path, headers: [("Range", "bytes=-3"), ("If-Range", tag)])
      #expect(end.text == ",7\n")
      let other = try await door.get(path, headers: [("Range", "bytes=-3"), ("If-Range", "\"x\"")])
      #expect(other.status == 200)
      let behind = try await door.get(path, headers: [("Range", "bytes=9999-")])
      #expect(behind.status == 416)
      #expect(behind.headers["content-range"] == "bytes */\(whole.body.count)")
      let json = try await door.get(path, headers: [("Accept", "application/json")])
      #expect(
        try json.json([Row].self) == [Row(song: "Hey Jude", date: "2024-01-01", plays: 7)])
      #expect(try await daemon.stop() == .exit(0))
    }

    private struct Row: Decodable, Hashable {
      let song: String
      let date: String
      let plays: Int
    }

    @Test func `a result says what became of its file, at once or when it is over`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      #expect(try await door.get("/result/never.csv").status == 404)
      async let waited = door.get("/result/slow.csv?wait=60")
      let sent = try await door.put("plays.csv", Data(Sandbox.plays(3).utf8))
      #expect(sent.status == 202)
      let done = try await door.get("/result/plays.csv?wait=60")
      #expect(done.status == 200)
      #expect(try await waited.status == 404)
      try sandbox.drop("bad.csv", Self.header + "A,d,1\nA,d,x\n")
      try await sandbox.awaitAllFinished(2)
      let failed = try await door.get("/result/bad.csv")
      #expect(failed.status == 422)
      #expect(try failed.problem().contains("line 3"))
      let problem = try failed.json(Failed.self)
      #expect(problem.errorCode == "rejected-rows")
      #expect(problem.errors.map(\.line) == [3])
      #expect(problem.errors.map(\.raw) == ["A,d,x"])
      #expect(try await door.post("/tasks/plays.csv/forget").status == 200)
      #expect(try await door.get("/result/plays.csv").status == 409)
      #expect(try await daemon.stop() == .exit(0))
    }

    private struct Failed: Decodable {
      let errorCode: String
      let errors: [Reject]

      private enum CodingKeys: String, CodingKey {
        case errorCode = "error_code"
        case errors
      }
    }

    private struct Reject: Decodable, Hashable {
      let line: Int
      let raw: String
    }

    @Test func `a result that was taken from the outbox, or replaced there, is gone`() async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("a.csv", Sandbox.plays(1))
      try sandbox.drop("b.csv", Sandbox.plays(2))
      try await sandbox.awaitAllFinished(2)
      #expect(try await door.get("/result/a.csv").status == 200)
      try Data("Song\n".utf8).write(to: URL(fileURLWithPath: sandbox.outbox + "/a.csv"))
      try FileManager.default.removeItem(atPath: sandbox.outbox + "/b.csv")
      for name in ["a.csv", "b.csv"] {
        for path in ["", "/rows", "/chart"] {
          let answer = try await door.get("/result/\(name)\(path)")
          #expect(answer.status == 410, "\(name)\(path)")
          _ = try answer.problem()
        }
      }
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `a table is of its own file, though another with the same bytes was shown before`()
      async throws
    {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("a.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      try sandbox.drop("again.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(2)
      let first = try await door.get("/result/a.csv/rows")
      #expect(try first.json(Page.self).rows.map(\.plays) == [1])
      // In its place, with the length that it had.
      let changed = Sandbox.total(1).replacing(
        "Hey Jude,2024-01-01,1", with: "Hey Jude,2024-01-01,9")
      let file = try FileHandle(
        forWritingTo: URL(fileURLWithPath: sandbox.outbox + "/a.csv"))
      try file.write(contentsOf: Data(changed.utf8))
      try file.close()
      for path in ["/rows", "/chart", ""] {
        #expect(try await door.get("/result/a.csv\(path)").status == 410, "\(path)")
      }
      let again = try await door.get("/result/again.csv/rows")
      #expect(try again.json(Page.self).rows.map(\.plays) == [1])
      #expect(try await daemon.stop() == .exit(0))
    }

    private struct Page: Decodable {
      let total: Int
      let rows: [Row]
    }

    private struct Chart: Decodable {
      struct Sum: Decodable, Hashable {
        let name: String
        let plays: Int
      }
      let dates: [Sum]
      let songs: [Sum]
    }

    @Test func `a result is sorted, searched and paged on this side`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let rows = [
        ("\"Q, \"\"x\"\"\"", "2024-01-02", 5), ("Abba", "2024-01-03", 9),
        ("abba b", "2024-01-01", 1),
        ("Zoo", "2024-01-02", 7),
      ]
      try sandbox.drop(
        "t.csv", Self.header + rows.map { "\($0.0),\($0.1),\($0.2)\n" }.joined())
      try await sandbox.awaitAllFinished(1)
      func songs(_ query: String) async throws -> [String] {
        try await door.get("/result/t.csv/rows?\(query)").json(Page.self).rows.map(\.song)
      }
      #expect(try await songs("") == ["Abba", "Q, \"x\"", "Zoo", "abba b"])
      #expect(try await songs("sort=plays&order=desc&limit=2") == ["Abba", "Zoo"])
      #expect(try await songs("sort=plays&order=desc&limit=2&offset=2") == ["Q, \"x\"", "abba b"])
      #expect(try await songs("sort=date") == ["abba b", "Q, \"x\"", "Zoo", "Abba"])
      #expect(try await songs("search=ABBA&sort=plays") == ["abba b", "Abba"])
      #expect(try await songs("search=%22x") == ["Q, \"x\""])
      #expect(try await songs("offset=99").isEmpty)
      #expect(try await door.get("/result/t.csv/rows?sort=x").status == 400)
      let chart = try await door.get("/result/t.csv/chart").json(Chart.self)
      #expect(chart.songs.map(\.name) == ["Abba", "Zoo", "Q, \"x\"", "abba b"])
      #expect(chart.dates.map(\.plays) == [1, 12, 9])
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `rejects are a file, or JSON in pages`() async throws {
      let (daemon, door) = try await sandbox.openDoor(["--max-rejects", "all"])
      try sandbox.drop("bad.csv", Self.header + "A,d,1\nB,d,x\nC,d,y\n")
      try sandbox.drop("good.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(2)
      let file = try await door.get("/tasks/bad.csv/rejects")
      #expect(file.text == (try sandbox.result("bad.rejects.csv")))
      let page = try await door.get("/tasks/bad.csv/rejects?format=json&offset=1&limit=5")
      #expect(try page.json([Reject].self) == [Reject(line: 4, raw: "C,d,y")])
      #expect(try await door.get("/tasks/good.csv/rejects").status == 404)
      #expect(try await daemon.stop() == .exit(0))
    }

    private struct Task: Decodable {
      let name: String
      let status: String
    }

    @Test func `a listing goes on behind its last task, whatever comes meanwhile`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      for number in 1...5 { try sandbox.drop("p\(number)%.csv", Sandbox.plays(number)) }
      try await sandbox.awaitAllFinished(5)
      var names: [String] = []
      var next: String? = "/tasks?limit=2&search=%25"
      while let path = next {
        let page = try await door.get(path)
        #expect(page.status == 200)
        names += try page.json([Task].self).map(\.name)
        next = page.headers["link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
        try sandbox.drop("later-\(names.count)%.csv", Sandbox.plays(names.count + 100))
        try await sandbox.awaitAllFinished(5 + (names.count + 1) / 2)
      }
      #expect(Set(names) == Set((1...5).map { "p\($0)%.csv" }))
      #expect(names.count == 5)
      #expect(try await door.get("/tasks?search=P1").json([Task].self).map(\.name) == ["p1%.csv"])
      #expect(try await door.get("/tasks?search=_").json([Task].self).isEmpty)
      #expect(try await daemon.stop() == .exit(0))
    }

    private struct Total: Decodable, Hashable {
      let song: String?
      let date: String?
      let plays: Int
    }

    @Test func `totals go across all done files`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("a.csv", Self.header + "A,2024-01-01,1\nB,2024-01-02,5\n")
      try sandbox.drop("b.csv", Self.header + "A,2024-01-01,10\n")
      try await sandbox.awaitAllFinished(2)
      func totals(_ query: String) async throws -> [Total] {
        try await door.get("/totals?\(query)").json([Total].self)
      }
      #expect(
        try await totals("") == [
          Total(song: "A", date: "2024-01-01", plays: 11),
          Total(song: "B", date: "2024-01-02", plays: 5),
        ])
      #expect(try await totals("by=song&limit=1") == [Total(song: "A", date: nil, plays: 11)])
      #expect(
        try await totals("by=date&from=2024-01-02")
          == [Total(song: nil, date: "2024-01-02", plays: 5)])
      #expect(try await totals("song=B").map(\.plays) == [5])
      #expect(try await daemon.stop() == .exit(0))
    }

    @Test func `monitors are told how it does, and why it takes no work`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      try sandbox.drop("a.csv", Sandbox.plays(1))
      try sandbox.drop("again.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(2)
      #expect(try await door.get("/readyz").status == 200)
      let metrics = try await eventually("both are counted") {
        let text = try await door.get("/metrics").text
        return text.contains("watchd_task_seconds_count 2\n") ? text : nil
      }
      for line in [
        "watchd_tasks{status=\"done\"} 1", "watchd_tasks_ended_total{status=\"duplicate\"} 1",
        "watchd_ready 1", "watchd_tasks_waiting{reason=\"database\"} 0",
        "watchd_rows_read_total 2", "watchd_inbox_claimed_total 2",
        "watchd_http_requests_total{method=\"GET\",route=\"/readyz\",status=\"200\"} 1",
      ] { #expect(metrics.contains(line + "\n"), "\(line)\n\(metrics)") }
      for line in [
        "watchd_ready 1", "watchd_inbox_files{reason=\"open\"} 0",
      ] {
        #expect(metrics.contains(line + "\n"), "\(line)\n\(metrics)")
      }
      let held = sandbox.inbox + "/held.csv"
      #expect(FileManager.default.createFile(atPath: held, contents: nil))
      let writer = try #require(FileHandle(forUpdatingAtPath: held))
      try writer.write(contentsOf: Data(Sandbox.plays(2).utf8))
      try await eventually("the file that a writer has open is told of") {
        let text = try await door.get("/metrics").text
        return text.contains("watchd_inbox_files{reason=\"open\"} 1\n")
          && !text.contains("watchd_inbox_oldest_waiting_seconds 0\n")
      }
      try writer.close()
      try await sandbox.awaitAllFinished(3)
      #expect(
        try await door.get("/metrics").text.contains("watchd_inbox_files{reason=\"open\"} 0\n"))
      #expect(!metrics.contains("watchd_inbox_last_event_timestamp_seconds 0\n"))
      #expect(try await daemon.stop() == .exit(0))
      let (full, narrow) = try await sandbox.openDoor(["--min-free", "1000TiB"])
      let unready = try await narrow.get("/readyz")
      #expect(unready.status == 503)
      #expect(try unready.problem().contains("min-free"))
      #expect(try await narrow.get("/metrics").text.contains("watchd_ready 0\n"))
      #expect(try await full.stop() == .exit(0))
    }
  }
}
