import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Answers about results that are large, or whose fields are.
  @Suite struct LargeAnswers {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let header = "Song,Date,Number of Plays\n"

    @Test func `songs of megabytes take no memory to show`() async throws {
      let (daemon, door) = try await sandbox.openDoor(["--memory", "16MiB"])
      let length = 2 << 20
      let songs = (0..<12).map { number in
        "\(number)\"" + String(repeating: "é", count: length / 2)
      }
      // What the first questions of all take once.
      try sandbox.drop("small.csv", Sandbox.plays(1))
      try await sandbox.awaitAllFinished(1)
      for path in Self.paths(of: "small.csv") { #expect(try await door.get(path).status == 200) }
      let rows = songs.sorted().map { "\"\($0.replacing("\"", with: "\"\""))\",2024-01-01,1\n" }
      try sandbox.drop("wide.csv", Self.header + rows.joined())
      try await sandbox.awaitAllFinished(2)
      try daemon.forgetPeakMemory()
      let before = try daemon.peakMemory()
      let page = try await door.get("/result/wide.csv/rows?limit=1000")
      let shown = try page.json(Page.self).rows
      #expect(shown.count == songs.count)
      #expect(shown.allSatisfy { $0.songBytes == length + $0.song.prefix { $0 != "é" }.utf8.count })
      let found = try await door.get("/result/wide.csv/rows?search=7%22%C3%A9")
      #expect(try found.json(Page.self).total == 1)
      let chart = try await door.get("/result/wide.csv/chart")
      #expect(chart.body.count < 100_000)
      let whole = try await door.get("/result/wide.csv?format=json")
      #expect(try whole.json([Row].self).map(\.song) == songs.sorted())
      let after = try daemon.peakMemory()
      #expect(after - before < 12 << 20, "\(before) \(after)")
      // SQLite adds these up, and its sorter holds some rows whole.
      let totals = try await door.get("/totals?limit=1000")
      #expect(totals.body.count < 100_000)
      #expect(try await daemon.stop() == .exit(0))
    }

    private static func paths(of name: String) -> [String] {
      ["/rows", "/rows?search=x", "/chart", "?format=json"].map { "/result/\(name)\($0)" }
        + ["/totals"]
    }

    private struct Page: Decodable {
      let total: Int
      let rows: [Row]
    }

    private struct Row: Decodable {
      let song: String
      let songBytes: Int?

      private enum CodingKeys: String, CodingKey {
        case song
        case songBytes = "song_bytes"
      }
    }

    @Test func `what is looked up for a client that has gone is given up`() async throws {
      let (daemon, door) = try await sandbox.openDoor()
      let large = try await sandbox.generate(rows: 300_000)
      try sandbox.moveIn(large)
      try await sandbox.awaitAllFinished(1)
      let question = "GET /result/large.csv/rows?search=zz HTTP/1.1\r\nHost: localhost\r\n\r\n"
      for _ in 0..<3 { try await door.leave(after: question) }
      try await eventually("all are given up") {
        let metrics = try await door.get("/metrics").text
        return metrics.contains("watchd_http_long_answers_abandoned_total 3\n")
          && metrics.contains("watchd_http_long_answers{state=\"running\"} 0\n")
      }
      #expect(try await door.get("/result/large.csv/rows?search=zz").status == 200)
      #expect(try await daemon.stop() == .exit(0))
    }
  }
}
