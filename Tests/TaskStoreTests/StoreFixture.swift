import Foundation
import GRDB
import PlayRows
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

/// A row as a test writes it.
struct PlayRow: Hashable, Sendable {
  var song: String
  var date: String
  var plays: Int64

  init(_ song: String, _ date: String, _ plays: Int64) {
    self.song = song
    self.date = date
    self.plays = plays
  }
}

extension RowBlock {
  /// A block of these rows.
  init(_ rows: [PlayRow]) {
    self.init(limit: 1 << 20)
    for row in rows {
      let (song, date) = (Array(row.song.utf8), Array(row.date.utf8))
      unsafe song.withUnsafeBytes { song in
        unsafe date.withUnsafeBytes { date in
          unsafe append(song: song, date: date, plays: row.plays)
        }
      }
    }
  }
}

/// A store in a folder of its own, and short words for what tests do with it.
struct StoreFixture {
  let directory: TemporaryDirectory
  var store: TaskStore

  init(logBound: Int64 = LogBound.standard) throws {
    directory = try TemporaryDirectory()
    store = try TaskStore.open(directory: directory.path, logBound: logBound)
  }

  var path: String { directory.path(of: "watchd.db") }

  mutating func reopen() throws {
    try store.close()
    store = try TaskStore.open(directory: directory.path)
  }

  /// SQL on a connection of its own, as a user at the prompt would run it.
  func sql(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    return try queue.read { database in try Row.fetchAll(database, sql: sql, arguments: arguments) }
  }

  func count(_ table: String) throws -> Int {
    try sql("SELECT count(*) AS n FROM \(table)").first?["n"] ?? -1
  }

  func plays() throws -> [PlayRow] {
    try sql("SELECT song, date, plays FROM plays ORDER BY song, date, plays").map { row in
      PlayRow(row["song"], row["date"], row["plays"])
    }
  }

  /// The rows of all tasks in the order in which they were loaded, each with its song.
  func stored() throws -> [PlayRow] {
    try sql(
      """
      SELECT iif(typeof(rows.song) = 'text', rows.song, naming.song) AS song, rows.date, rows.plays
      FROM play_rows AS rows LEFT JOIN play_rows AS naming
        ON typeof(rows.song) = 'integer' AND naming.rowid = rows.rowid - rows.song
      ORDER BY rows.rowid
      """
    ).map { row in PlayRow(row["song"], row["date"], row["plays"]) }
  }

  @discardableResult
  func added(_ number: Int, name: String? = nil, identity: String? = nil) throws -> TaskID {
    let task = Self.id(number)
    let name = try #require(FileName(name ?? "plays-\(number).csv"))
    try store.add(
      [NewTask(taskID: task, rawName: name, sizeBytes: 100, sourceIdentity: identity)],
      at: Self.time(number))
    return task
  }

  func started(_ number: Int, name: String? = nil) throws -> TaskID {
    let task = try added(number, name: name)
    try store.start(task, at: Self.time(number))
    return task
  }

  func append(
    _ rows: [PlayRow], to task: TaskID, run: Int = 1, rejects: [RejectedRecord] = []
  ) throws {
    try store.appendBatch(
      task, run: run, progress: Self.progress(rows.count), rows: RowBlock(rows),
      rejects: rejects)
  }

  func ingested(
    _ rows: [PlayRow], by task: TaskID, sha256: String? = nil,
    onDuplicate policy: Settings.OnDuplicate = .reuse
  ) throws -> IngestOutcome {
    try store.finishIngest(
      task, summary: try Self.summary(rows, sha256: sha256 ?? Self.sha256(of: task)),
      rows: .batch(run: 9), of: RowBlock(rows), rejects: [], onDuplicate: policy, at: Self.time(0))
  }

  func finish(_ task: TaskID, as completion: Completion = .done) throws {
    let name = try #require(FileName("plays.csv"))
    try store.finish(
      task, as: completion, resultName: name, resultBytes: 10,
      resultSHA256: String(repeating: "0", count: 64), at: Self.time(0))
  }

  /// A task that went all the way with these rows.
  @discardableResult
  func done(_ number: Int, _ rows: [PlayRow], sha256: String? = nil) throws -> TaskID {
    let task = try started(number)
    _ = try ingested(rows, by: task, sha256: sha256)
    try finish(task)
    return task
  }

  func fail(_ task: TaskID) throws {
    try store.fail(
      task, FileFailure(.unclosedQuote, "a quote opens on line 2 and never closes"),
      progress: Self.progress(1), sha256: nil, columns: nil, rejects: [], at: Self.time(0))
  }

  static func id(_ number: Int) -> TaskID {
    var random = SeededGenerator(seed: UInt64(number))
    return TaskID(milliseconds: 1_700_000_000_000 + Int64(number), random: &random)
  }

  static func time(_ number: Int) -> Timestamp {
    Timestamp(milliseconds: 1_700_000_000_000 + Int64(number))
  }

  static func progress(_ rows: Int) -> IngestProgress {
    IngestProgress(bytesRead: Int64(rows) * 20, rowsRead: Int64(rows), rowsRejected: 0)
  }

  static func sha256(of task: TaskID) -> String {
    let digits = task.description.filter { character in character != "-" }
    return digits + digits
  }

  static func summary(_ rows: [PlayRow], sha256: String) throws -> IngestSummary {
    IngestSummary(
      progress: progress(rows.count), sha256: sha256, groups: Int64(rows.count),
      playsSum: rows.reduce(Int128(0)) { sum, row in sum + Int128(row.plays) }, columns: .name,
      outputNumber: 1, resultName: try #require(FileName("plays.csv")), resultBytes: 9,
      resultSHA256: String(repeating: "9", count: 64),
      rejectsSHA256: String(repeating: "8", count: 64))
  }
}
