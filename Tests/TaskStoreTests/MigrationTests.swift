import Foundation
import GRDB
import TaskModel
import TestSupport
import Testing

@testable import TaskStore

/// Databases that earlier versions of the program made, in `Databases`: opened, brought up to date, served.
///
/// Each was made by the daemon of its time, from the same four files: one that is done, the same bytes again, one that
/// failed, and one that is done with a rejected record. Whoever adds a version to the schema that people will have adds
/// its database, made by that program.
@Suite struct MigrationTests {
  static let versions = 1...Schema.version

  static func path(of version: Int, in file: String = #filePath) -> String {
    URL(fileURLWithPath: file).deletingLastPathComponent().path + "/Databases/v\(version).db"
  }

  /// A folder with a copy, for opening it changes it.
  private func directory(with version: Int) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(
      atPath: Self.path(of: version), toPath: directory.path(of: "watchd.db"))
    return directory
  }

  @Test func `there is one of every version`() throws {
    for version in Self.versions {
      let directory = try directory(with: version)
      let queue = try DatabaseQueue(path: directory.path(of: "watchd.db"))
      #expect(try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == version)
    }
  }

  @Test(arguments: versions)
  func `the newest version opens it and has all that it held`(version: Int) throws {
    let directory = try directory(with: version)
    let store = try TaskStore.open(directory: directory.path)
    try store.pool.read { database in
      #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == Schema.version)
      #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
      #expect(try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").isEmpty)
      let tasks = try String.fetchAll(
        database,
        sql: "SELECT name || ' ' || status || ' ' || rows_read FROM manifest ORDER BY name")
      #expect(
        tasks == ["a.csv done 3", "again.csv duplicate 3", "bad.csv failed 1", "mixed.csv done 2"])
      let plays = try String.fetchAll(
        database,
        sql: """
          SELECT name || ': ' || song || ' ' || date || ' ' || plays
          FROM plays JOIN manifest USING (task_id) ORDER BY 1
          """)
      #expect(
        plays == [
          "a.csv: Hey Jude 2024-01-01 57", "a.csv: Yesterday, again 2024-01-02 7",
          "mixed.csv: Michelle 2024-01-03 9223372036854775807",
        ])
      let rejects = try String.fetchAll(
        database,
        sql: "SELECT name || ' ' || line FROM rejects JOIN manifest USING (task_id) ORDER BY 1")
      #expect(rejects == ["bad.csv 2", "mixed.csv 3"])
      #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM events") ?? 0 >= 8)
    }
    try store.close()
  }

  @Test(arguments: versions)
  func `it goes on from there: rows are added, taken out, and the same bytes still count once`(
    version: Int
  ) throws {
    let directory = try directory(with: version)
    let store = try TaskStore.open(directory: directory.path)
    let done = try store.pool.read { database in
      try String.fetchOne(database, sql: "SELECT task_id FROM manifest WHERE name = 'a.csv'")
    }
    let id = try #require(done.flatMap { TaskID($0) })
    let fingerprint = try store.pool.read { database in
      try String.fetchOne(
        database,
        sql: """
          SELECT fingerprints.sha256 FROM fingerprints
          JOIN manifest ON manifest.id = fingerprints.task WHERE manifest.task_id = ?
          """, arguments: [id.description])
    }
    #expect(fingerprint != nil)
    try store.forget(id, at: .init(milliseconds: 1))
    try store.removeLeftovers(of: id)
    let left = try store.pool.read { database in
      try String.fetchAll(database, sql: "SELECT song FROM plays")
    }
    #expect(left == ["Michelle"])
    try store.close()
  }
}
