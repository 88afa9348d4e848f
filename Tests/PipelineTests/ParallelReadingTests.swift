import ContentHash
import Crypto
import TaskModel
import TestSupport
import Testing

@testable import Pipeline

/// Nothing of a result depends on how many threads read a file, nor on where it is cut.
struct ParallelReadingTests {
  /// What a file comes to.
  private struct Outcome: Equatable {
    let status: TaskStatus
    let result: [UInt8]?
    let rejects: [UInt8]?
    let error: String?
    let sha256: String?
    let counts: [Int64]
    let playsSum: Int128?

    init(_ task: TaskRecord, in place: Workplace) throws {
      status = task.status
      let names = try place.outbox()
      result = names.contains("plays.csv") ? try place.bytes("plays.csv") : nil
      rejects = names.contains("plays.rejects.csv") ? try place.bytes("plays.rejects.csv") : nil
      error = task.error
      sha256 = task.sha256
      counts = [task.rowsRead, task.rowsRejected, task.groups ?? -1, task.bytesRead]
      playsSum = task.playsSum
    }
  }

  @Test(arguments: [1, 2, 3, 5, 8], [1, 7, 64, 1000, 1 << 20])
  func `the same bytes for any number of threads and any size of the pieces`(
    members: Int, pieceSize: Int
  ) async throws {
    for content in Content.allCases {
      let text = content.text(rows: 400)
      let expected = try await outcome(of: text, members: 1, pieceSize: 1 << 24)
      let found = try await outcome(of: text, members: members, pieceSize: pieceSize)
      #expect(found == expected, "\(content)")
      #expect(found.sha256 == SHA256.hash(data: Array(text.utf8)).hexadecimal, "\(content)")
    }
  }

  @Test(arguments: [1, 2, 8], [Settings.Keep.totals, .rows])
  func `the same bytes where many runs spill`(
    members: Int, keep: Settings.Keep
  ) async throws {
    let text = Content.titles.text(rows: 60_000)
    let settings: [Setting: String] = [.keep: keep.rawValue]
    let expected = try await outcome(of: text, members: 1, pieceSize: 1 << 24, settings)
    // The least budget of a tally holds a few hundred rows.
    let tiny = settings.merging([.memory: "1MiB", .workers: "64"]) { $1 }
    let place = try workplace(members: members, pieceSize: 2000, tiny)
    let task = try await place.process(text)
    #expect(try Outcome(task, in: place) == expected)
    #expect(try place.count("batches") > 50)
    #expect(
      try place.contents("plays.csv").split(separator: "\n").count
        == place.totals().joined(separator: "\n").split(separator: "\n").count + 1)
    try place.expectSound()
  }

  /// No tally of any size is below this budget, so that each piece becomes a set of runs.
  @Test func `the same bytes where thousands of runs spill`() async throws {
    let text = Content.titles.text(rows: 30_000)
    let expected = try await outcome(of: text, members: 1, pieceSize: 1 << 24)
    var place = try Workplace([.maxRejects: "all", .memory: "1MiB", .workers: "64"])
    place.limits = IngestLimits(
      members: 2, pieceSize: 300, sizeForMembers: 0, leastTallyMemory: 1)
    let task = try await place.process(text)
    #expect(try Outcome(task, in: place) == expected)
    #expect(try place.count("batches") > 1000)
    try place.expectSound()
  }

  private func workplace(
    members: Int, pieceSize: Int, _ settings: [Setting: String] = [:]
  ) throws -> Workplace {
    var place = try Workplace([.maxRejects: "all"].merging(settings) { $1 })
    place.limits = IngestLimits(members: members, pieceSize: pieceSize, sizeForMembers: 0)
    return place
  }

  private func outcome(
    of text: String, members: Int, pieceSize: Int, _ settings: [Setting: String] = [:]
  ) async throws -> Outcome {
    let place = try workplace(members: members, pieceSize: pieceSize, settings)
    return try Outcome(try await place.process(text), in: place)
  }
}

/// Files in which it is easy to cut at the wrong place.
private enum Content: String, CaseIterable {
  case plain
  case titles
  case crlf
  case cr
  case noFinalNewline
  case strayQuotes
  case unclosedQuote
  case rejects
  case semicolons
  case byteOrderMark
  case headerOnly
  case blankLines
  case longRecord

  func text(rows: Int) -> String {
    var random = SeededGenerator(seed: 77)
    let header = "Song,Date,Number of Plays\n"
    func lines(_ make: (Int) -> String) -> String { (0..<rows).map(make).joined() }
    func row(_ number: Int) -> String {
      "Song \(number &* 7919 % 97),2024-01-\(10 + number % 20),\(number % 13)\n"
    }
    switch self {
    case .plain: return header + lines(row)
    case .titles:
      return header
        + lines { number in
          let title =
            [
              "one, two", "a \"\"quote\"\"", "two\nlines", "", "\r\n\n,\"\"", "x", "\"\"",
            ].randomElement(using: &random) ?? ""
          return
            "\"\(title) \(number &* 7919 % (rows / 2))\",2024-01-\(10 + number % 20),\(number)\n"
        }
    case .crlf:
      return (header + lines(row)).split(separator: "\n").joined(separator: "\r\n") + "\r\n"
    case .cr: return (header + lines(row)).split(separator: "\n").joined(separator: "\r") + "\r"
    case .noFinalNewline: return String((header + lines(row)).dropLast())
    case .strayQuotes: return header + lines { "5\" disc \($0 % 50)\",\"d\",\($0)\n" }
    case .unclosedQuote: return header + lines(row) + "\"never closed,d,1\n" + lines(row)
    case .rejects:
      return header
        + lines { number in
          [row(number), "a,b\n", "x,\"y\nz\",none\n", "\"q\"r,d,1\n"].randomElement(using: &random)
            ?? ""
        }
    case .semicolons:
      return "Song;Date;Number of Plays\n" + lines { "a,\"b\($0 % 9);\"2024\";\($0)\n" }
    case .byteOrderMark: return "\u{FEFF}" + header + lines(row)
    case .headerOnly: return header
    case .blankLines: return "\n\r\n" + header + lines { "\n\n\(row($0))\r\n" }
    case .longRecord:
      return header + lines(row) + "\"\(String(repeating: "long,\n\"\"", count: 20_000))\",d,1\n"
        + lines(row)
    }
  }
}
