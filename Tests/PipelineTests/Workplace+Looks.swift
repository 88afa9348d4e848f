import Files
import Foundation
import GRDB
import TaskModel
import TaskStore
import Testing

@testable import Pipeline

// What a test looks at afterwards, all of it from outside: directory listings, files, SQL.
extension Workplace {
  func task(_ id: TaskID) throws -> TaskRecord { try #require(try store.task(id)).record }

  /// Names in the outbox, hidden ones too, sorted.
  func outbox() throws -> [String] { try folders.outbox.entries().map(\.text) }

  /// Names of task folders that are still in `state/work`.
  func work() throws -> [String] { try folders.work.entries().map(\.text) }

  func archive() throws -> [String] { try folders.archive.entries().map(\.text) }

  func contents(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: settings.outbox + "/" + name)))
  }

  /// Puts a file of somebody else into the outbox.
  func put(_ text: String, inOutboxAs name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: settings.outbox + "/" + name))
  }

  func receipt(_ name: String = "plays.csv.receipt.json") throws -> ReceiptFile {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(ReceiptFile.self, from: Data(try bytes(name)))
  }

  /// `song|date|plays` of every visible row, sorted.
  func plays() throws -> [String] {
    try texts("SELECT song || '|' || date || '|' || plays FROM plays ORDER BY 1")
  }

  /// What SQL makes of the visible rows: the lines of a result.
  func totals() throws -> [String] {
    try texts(
      """
      SELECT song || ',' || date || ',' || SUM(plays) FROM plays
      GROUP BY song, date ORDER BY song, date
      """)
  }

  func count(_ table: String) throws -> Int {
    try store.readable.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? -1 }
  }

  /// Asks SQLite itself whether the database is whole, and whether unseen rows are left in it that no
  /// interrupted task is going on with.
  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try texts("PRAGMA integrity_check") == ["ok"], sourceLocation: sourceLocation)
    let seen = try count("plays")
    let waiting = try texts(
      """
      SELECT CAST(coalesce(sum(last_row - first_row + 1), 0) AS TEXT) FROM batches
      JOIN resume_points ON resume_points.task = batches.task AND batches.number <= resume_points.batch
      """
    ).compactMap(Int.init).reduce(0, +)
    #expect(try count("play_rows") == seen + waiting, sourceLocation: sourceLocation)
  }

  func texts(_ sql: String) throws -> [String] {
    try store.readable.read { try String.fetchAll($0, sql: sql) }
  }
}

/// A receipt as a consumer reads it: by its public keys, and by nothing of ours.
struct ReceiptFile: Decodable {
  let taskId: String
  let name: String
  let status: String
  let bytes: Int
  let sha256: String?
  let columns: String?
  let rowsRead: Int
  let rowsAccepted: Int
  let rowsRejected: Int
  let groups: Int?
  let playsIn: Decimal?
  let playsOut: Decimal?
  let resultName: String?
  let resultBytes: Int?
  let resultSha256: String?
  let rejectsName: String?
  let duplicateOf: String?
  let errorCode: String?
  let error: String?
  let queuedAt: String
  let startedAt: String?
  let finishedAt: String?
}
