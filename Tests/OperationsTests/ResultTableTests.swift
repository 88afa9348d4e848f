import Files
import Foundation
import TaskModel
import TestSupport
import Testing

@testable import Operations

/// Pages of a result, held against the same rows sorted in memory.
struct ResultTableTests {
  private static let header = "Song,Date,Total Number of Plays for Date"

  /// An open result of such rows, in their order.
  private func content(
    _ rows: [ResultRow], in directory: TemporaryDirectory, lineEnd: String = "\n"
  ) throws -> OutboxContent {
    let lines = rows.map { "\(Self.field($0.song)),\(Self.field($0.date)),\($0.plays)" }
    return try OutboxContent(
      text: ([Self.header] + lines).map { $0 + lineEnd }.joined(), in: directory)
  }

  private static func field(_ text: String) -> String {
    let needsQuotes = text.contains { ",\"\n\r".contains($0) } || text.contains("\r\n")
    return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }

  /// Sorted as a result is.
  private static func randomRows(_ count: Int, seed: UInt64) -> [ResultRow] {
    var random = SeededGenerator(seed: seed)
    let words = ["A", "b", "Zoo", "Q, \"x\"", "two\nlines", "ä", "\"", "", "aB,\r\nc"]
    var keys = Set<[String]>()
    while keys.count < count {
      let song = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        words.randomElement(using: &random) ?? ""
      }
      let date =
        "2024-0\(Int.random(in: 1...9, using: &random))-1\(Int.random(in: 0...9, using: &random))"
      keys.insert([song.joined(), date])
    }
    return keys.map { key in
      ResultRow(song: key[0], date: key[1], plays: Int64.random(in: -5...20, using: &random))
    }.sorted { ordered($0, $1, by: .song) }
  }

  private static func ordered(
    _ left: ResultRow, _ right: ResultRow, by column: TableQuestion.Column
  ) -> Bool {
    let song = left.song == right.song
    switch column {
    case .plays where left.plays != right.plays: return left.plays < right.plays
    case .date where left.date != right.date:
      return left.date.utf8.lexicographicallyPrecedes(right.date.utf8)
    case .song, .date, .plays:
      return song
        ? left.date.utf8.lexicographicallyPrecedes(right.date.utf8)
        : left.song.utf8.lexicographicallyPrecedes(right.song.utf8)
    }
  }

  @Test(arguments: [0, 1, 63, 64, 65, 500] as [Int], ["\n", "\r\n"])
  func `each page in each order is that of the rows in memory`(
    count: Int, lineEnd: String
  ) throws {
    let directory = try TemporaryDirectory()
    let rows = Self.randomRows(count, seed: UInt64(count))
    let table = try ResultTable(
      try content(rows, in: directory, lineEnd: lineEnd), stop: PassStop())
    for column in TableQuestion.Column.allCases {
      for isDescending in [false, true] {
        for text in [nil, "a", "ZOO", "\"x", ",\r\n", "none of them"] as [String?] {
          var wanted = rows.filter { row in
            text.map { row.song.lowercased(ascii: true).contains($0.lowercased(ascii: true)) }
              ?? true
          }.sorted { Self.ordered($0, $1, by: column) }
          if isDescending { wanted.reverse() }
          var found: [ResultRow] = []
          var question = TableQuestion()
          question.column = column
          question.isDescending = isDescending
          question.songContains = text
          question.limit = 37
          repeat {
            question.offset = found.count
            let page = try table.page(question, stop: PassStop())
            #expect(page.total == wanted.count)
            if page.rows.isEmpty { break }
            found += page.rows
          } while true
          #expect(found == wanted, "\(column) \(isDescending) \(text ?? "")")
        }
      }
    }
  }

  @Test func `what is drawn adds up to all rows`() throws {
    let directory = try TemporaryDirectory()
    let rows = Self.randomRows(400, seed: 7)
    let chart = try ResultTable(
      try content(rows, in: directory), stop: PassStop()
    ).chart
    let songs = Dictionary(grouping: rows, by: \.song).mapValues { rows in
      rows.reduce(Int128(0)) { $0 + Int128($1.plays) }
    }
    let dates = Dictionary(grouping: rows, by: \.date).mapValues { rows in
      rows.reduce(Int128(0)) { $0 + Int128($1.plays) }
    }
    #expect(chart.songCount == songs.count)
    #expect(chart.songs.map(\.plays) == Array(songs.values.sorted(by: >).prefix(50)))
    #expect(chart.songs.allSatisfy { songs[$0.name] == $0.plays })
    #expect(try #require(chart.dates).map(\.name) == dates.keys.sorted())
    #expect(try #require(chart.dates).allSatisfy { dates[$0.name] == $0.plays })
  }

  @Test(arguments: ["A,2024-01-01\n", "A,2024-01-01,x\n", "A,2024-01-01,1", "\"A,2024-01-01,1\n"])
  func `a file that is none of ours is an error with its place`(line: String) throws {
    let directory = try TemporaryDirectory()
    let content = try OutboxContent(text: Self.header + "\n" + line, in: directory)
    let error = #expect(throws: ResultError.self) { try ResultTable(content, stop: PassStop()) }
    #expect(error?.description.contains("from byte \(Self.header.utf8.count + 1) on") == true)
  }
}

extension String {
  /// Only A to Z become a to z.
  fileprivate func lowercased(ascii: Bool) -> String {
    String(
      unicodeScalars.map {
        ("A"..."Z").contains($0) ? Character(Unicode.Scalar($0.value + 32) ?? $0) : Character($0)
      })
  }
}
