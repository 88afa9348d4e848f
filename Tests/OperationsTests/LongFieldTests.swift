import Foundation
import TestSupport
import Testing

@testable import Operations

/// A result whose songs and dates are far longer than what is shown of them, or than what is read at once.
struct LongFieldTests {
  private static let header = "Song,Date,Total Number of Plays for Date\n"
  private static let longest = 1024

  /// Of each kind: plain, quoted, of quotes only, of characters of several bytes.
  private static func song(_ kind: Character, _ count: Int) -> String {
    switch kind {
    case "a": String(repeating: "a", count: count)
    case "b": "b," + String(repeating: "b\n", count: count / 2)
    case "q": String(repeating: "\"", count: count)
    default: "x" + String(repeating: "ä😀", count: count / 6)
    }
  }

  private static func field(_ text: String) -> String {
    text.contains { ",\"\n".contains($0) }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }

  private struct Row: Codable, Hashable {
    let song: String
    let date: String
    let plays: Int64
  }

  private static func content(
    _ rows: [Row], in directory: TemporaryDirectory
  ) throws -> OutboxContent {
    try OutboxContent(
      text: header + rows.map { "\(field($0.song)),\(field($0.date)),\($0.plays)\n" }.joined(),
      in: directory)
  }

  private static func rows(_ count: Int) -> [Row] {
    "abqä".enumerated().flatMap { index, kind in
      [
        Row(song: song(kind, count), date: "2024-01-01", plays: Int64(index)),
        Row(song: song(kind, count), date: "2024-01-02", plays: 10),
        Row(song: song(kind, count) + "z", date: "2024-01-01", plays: 100),
      ]
    }
  }

  private static let lengths = [1023, 1024, 1025, 5000, 262_100, 300_000]

  @Test(arguments: lengths)
  func `of a long song the beginning is shown, and how long it is`(count: Int) throws {
    let directory = try TemporaryDirectory()
    let rows = Self.rows(count)
    let table = try ResultTable(try Self.content(rows, in: directory), stop: PassStop())
    let page = try table.page(TableQuestion(), stop: PassStop())
    #expect(page.total == rows.count)
    for (shown, whole) in zip(page.rows, rows) {
      #expect(shown.plays == whole.plays)
      #expect(shown.date == whole.date)
      #expect(shown.dateBytes == nil)
      try expect(shown.song, shown.songBytes, isShownOf: whole.song)
    }
    let chart = table.chart
    #expect(chart.songCount == 8)
    #expect(chart.songs.prefix(4).allSatisfy { $0.plays == 100 })
    #expect(chart.songs.dropFirst(4).map(\.plays) == [13, 12, 11, 10])
    try expect(chart.songs[4].name, chart.songs[4].nameBytes, isShownOf: Self.song("ä", count))
  }

  private func expect(_ text: String, _ bytes: Int64?, isShownOf whole: String) throws {
    guard whole.utf8.count > Self.longest else {
      #expect(text == whole)
      #expect(bytes == nil)
      return
    }
    #expect(bytes == Int64(whole.utf8.count))
    #expect(whole.utf8.starts(with: text.utf8))
    #expect((Self.longest - 3...Self.longest).contains(text.utf8.count))
  }

  @Test(arguments: lengths)
  func `a long song is searched to its end`(count: Int) throws {
    let directory = try TemporaryDirectory()
    let table = try ResultTable(try Self.content(Self.rows(count), in: directory), stop: PassStop())
    for (text, wanted) in [
      ("Z", 4), ("\nz", 1), ("\"z", 1), ("😀z", 1),
    ] {
      var question = TableQuestion()
      question.songContains = text
      #expect(try table.page(question, stop: PassStop()).total == wanted, "\(text)")
    }
  }

  @Test(arguments: lengths)
  func `in JSON a result is whole, in pieces of bounded length`(count: Int) throws {
    let directory = try TemporaryDirectory()
    let rows = Self.rows(count) + [Row(song: "z", date: Self.song("ä", count), plays: 1)]
    let json = try ResultJSON(try Self.content(rows, in: directory), stop: PassStop())
    var pieces: [String] = []
    while let piece = try json.next() { pieces.append(piece) }
    let text = pieces.joined()
    #expect(try JSONDecoder().decode([Row].self, from: Data(text.utf8)) == rows)
    #expect(pieces.map(\.utf8.count).max() ?? 0 <= 1 << 20)
    // Long or not, a row is written in the same way.
    let short = try ResultJSON(
      try Self.content([Row(song: "s", date: "d", plays: 1)], in: try TemporaryDirectory()),
      stop: PassStop())
    #expect(try short.next() == "[\n{\"date\":\"d\",\"plays\":1,\"song\":\"s\"}\n]\n")
    #expect(text.hasPrefix("[\n{\"date\":\"2024-01-01\",\"plays\":0,\"song\":\"aaa"))
  }

  @Test func `dates are not drawn where they are long, or long together`() throws {
    let directory = try TemporaryDirectory()
    let date = String(repeating: "d", count: 1000)
    for (rows, isDrawn) in [
      ([Row(song: "a", date: date, plays: 1)], true),
      ([Row(song: "a", date: date + date, plays: 1)], false),
      ((0..<5000).map { Row(song: "a", date: "\($0)\(date)", plays: 1) }, false),
    ] {
      let table = try ResultTable(try Self.content(rows, in: directory), stop: PassStop())
      #expect((table.chart.dates != nil) == isDrawn)
      var question = TableQuestion()
      question.column = .date
      if isDrawn {
        #expect(try table.page(question, stop: PassStop()).total == rows.count)
      } else {
        #expect(throws: ResultError.self) { try table.page(question, stop: PassStop()) }
      }
      #expect(table.memory < 1 << 20)
    }
  }

  @Test func `dates that differ in bytes and not in meaning are two`() throws {
    let directory = try TemporaryDirectory()
    let rows = [
      Row(song: "a", date: "e\u{301}", plays: 1), Row(song: "a", date: "\u{e9}", plays: 2),
    ]
    let table = try ResultTable(try Self.content(rows, in: directory), stop: PassStop())
    #expect(table.chart.dates?.map(\.plays) == [1, 2])
  }

  @Test func `a pass that is stopped ends before the file does`() throws {
    let directory = try TemporaryDirectory()
    let content = try Self.content(Self.rows(300_000), in: directory)
    let stop = PassStop()
    let table = try ResultTable(content, stop: stop)
    stop.stop()
    #expect(throws: CancellationError.self) { try ResultTable(content, stop: stop) }
    #expect(throws: CancellationError.self) { try table.page(TableQuestion(), stop: stop) }
  }
}
