import Foundation
import GRDB
import Inbox
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

/// Songs of many mebibytes, from the file to the result.
struct LongSongTests {
  private static let length = 16 << 20
  private static let filler = String(repeating: "x", count: length - 8)

  /// A song, and how it stands in a CSV: two that differ in their last byte alone, one that has to be put in quotes, and a
  /// short one.
  private enum Song: CaseIterable {
    case quoted
    case short
    case first
    case second

    var text: String {
      switch self {
      case .quoted: "A, \"b\"\n" + filler
      case .short: "short"
      case .first: "plain x" + filler + "1"
      case .second: "plain x" + filler + "2"
      }
    }

    var field: String { self == .quoted ? "\"A, \"\"b\"\"\n\(filler)\"" : text }
  }

  /// Rows: the song, what else is in them.
  private static func lines(_ rows: [(Song, String)]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (song, rest) in rows {
      bytes += song.field.utf8
      bytes += ",\(rest)\n".utf8
    }
    return bytes
  }

  private static let file =
    Array(csv().utf8)
    + lines([
      (.first, "2024-01-01,1"), (.short, "2024-01-01,5"), (.second, "2024-01-01,2"),
      (.quoted, "2024-01-01,4"), (.first, "2024-01-01,16"), (.short, "2024-01-01,7"),
    ])

  private static let result = Data(
    Array("Song,Date,Total Number of Plays for Date\n".utf8)
      + lines([
        (.quoted, "2024-01-01,4"), (.first, "2024-01-01,17"), (.second, "2024-01-01,2"),
        (.short, "2024-01-01,12"),
      ]))

  private static func place(_ keep: Settings.Keep) throws -> Workplace {
    var place = try Workplace([
      .maxRecord: "24MiB", .memory: "1MiB", .workers: "1", .keep: keep.rawValue,
    ])
    // A piece for each of them, and each piece is more than a set may have.
    place.limits = IngestLimits(members: 2, pieceSize: 18 << 20, sizeForMembers: 0)
    return place
  }

  private static func expectExact(_ place: Workplace, keep: Settings.Keep) throws {
    // Not compared within the expectation, which would print them.
    let isExact = try Data(place.bytes("plays.csv")) == result
    #expect(isExact)
    if keep == .rows { #expect(try place.count("plays") == 6) }
    for (song, sum) in [(Song.quoted, 4), (.short, 12), (.first, 17), (.second, 2)] {
      let plays = try place.store.readable.read { database in
        try Int.fetchOne(
          database,
          sql: "SELECT SUM(plays) FROM plays WHERE song = ?",
          arguments: [song.text])
      }
      #expect(plays == sum, "\(song)")
    }
    try place.expectSound()
  }

  @Test(arguments: [Settings.Keep.totals, .rows])
  func `songs of 16 MiB have their exact totals where each set of them spills`(
    keep: Settings.Keep
  ) async throws {
    let place = try Self.place(keep)
    let task = try await place.process(Self.file)
    #expect(task.status == .done)
    #expect(task.rowsRead == 6)
    #expect(task.groups == 4)
    #expect(try place.texts("SELECT CAST(count(DISTINCT run) AS TEXT) FROM batches") != ["1"])
    try Self.expectExact(place, keep: keep)
  }

  /// The first sets are then merged from the database, and not from what was written beside it.
  @Test func `a file of songs of 16 MiB goes on after an interruption`() async throws {
    let place = try Self.place(.totals)
    let claim = try place.claim(Self.file)
    try place.interrupt(claim, after: .runInDatabase)
    #expect(try place.store.resumePoint(of: claim.taskID) != nil)
    try await place.restart()
    #expect(try place.task(claim.taskID).status == .done)
    try Self.expectExact(place, keep: .totals)
  }

  @Test func `a record of just max-record is read, and one byte more fails the file and says so`()
    async throws
  {
    let rest = ",d,1"
    for surplus in 0...1 {
      let place = try Workplace([.maxRejects: "all", .maxRecord: "1MiB"])
      let song = String(repeating: "x", count: 1 << 20 - rest.utf8.count + surplus)
      let task = try await place.process(csv("A,d,1", song + rest, "B,d,none"))
      if surplus == 0 {
        #expect(task.status == .done)
        #expect(task.groups == 2)
        #expect(task.rowsRejected == 1)
      } else {
        #expect(task.errorCode == .recordTooLong)
        let error = try #require(task.error)
        #expect(error.contains("begins at line 3, column 1, byte 32 is longer than 1048576 bytes"))
        #expect(try place.count("play_rows") == 0)
      }
      try place.expectSound()
    }
  }
}
