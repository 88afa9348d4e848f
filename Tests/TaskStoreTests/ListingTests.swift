import Foundation
import GRDB
import TaskModel
import Testing

@testable import TaskStore

/// Listings of a long history.
@Suite struct ListingTests {
  private static let count = 6000

  /// So many tasks, a second apart, every tenth of which waits.
  private func history() throws -> StoreFixture {
    let fixture = try StoreFixture()
    try fixture.store.pool.write { database in
      for number in 1...Self.count {
        try database.execute(
          sql: """
            INSERT INTO manifest (task_id, name, raw_name, status, size_bytes, queued_at)
            VALUES (?, ?, ?, ?, 1, ?)
            """,
          arguments: [
            "\(StoreFixture.id(number))", "plays-\(number).csv", Data("plays-\(number).csv".utf8),
            number % 10 == 0 ? "queued" : "failed", "\(Self.time(number))",
          ])
      }
    }
    return fixture
  }

  private static func time(_ number: Int) -> Timestamp {
    Timestamp(milliseconds: Int64(number) * 1000)
  }

  /// What each form is answered with, worked out the slow way.
  private func numbers(_ filter: TaskFilter) -> [Int] {
    let all = (1...Self.count).reversed().filter { number in
      let isWaiting = number % 10 == 0
      return filter.status.map { ($0 == .queued) == isWaiting } ?? true
        && filter.since.map { Self.time(number) >= $0 } ?? true
        && filter.before.map { StoreFixture.id(number) < $0 } ?? true
        && filter.nameContains.map { "plays-\(number).csv".contains($0) } ?? true
    }
    return Array(all.prefix(filter.limit ?? .max))
  }

  private static let filters: [TaskFilter] = {
    var filters: [TaskFilter] = []
    for status in [nil, TaskStatus.queued] {
      // Few, and so many that they are looked for from the newest on.
      for since in [nil, 1, Self.count - 20, Self.count + 1] {
        for before in [nil, 3000, Self.count - 5] {
          for text in [nil, "-59"] {
            filters.append(
              TaskFilter(
                status: status, since: since.map(Self.time), before: before.map(StoreFixture.id),
                nameContains: text, limit: before == nil ? nil : 7))
          }
        }
      }
    }
    return filters
  }()

  @Test func `every form of a question lists just what it asks for, the newest first`() throws {
    let fixture = try history()
    for filter in Self.filters {
      let found = try fixture.store.tasks(filter).map(\.taskID)
      #expect(found == numbers(filter).map(StoreFixture.id), "\(filter)")
    }
  }

  /// A million tasks are looked through in a second, and a person waits for each question.
  @Test func `the newest ones, a later page, a status and the last hour are found by an index`()
    throws
  {
    let fixture = try history()
    let plans = try fixture.store.pool.read { database in
      let queries = TaskQueries(database: database, path: fixture.path)
      return try [
        TaskFilter(before: StoreFixture.id(3000), limit: 7), TaskFilter(status: .queued, limit: 7),
        TaskFilter(since: Self.time(Self.count - 20)),
        TaskFilter(status: .failed, since: Self.time(Self.count - 20)),
      ].map { filter in
        let (sql, arguments) = try queries.listing(filter)
        return try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments)
          .map { $0["detail"] as String }.joined(separator: "; ")
      }
    }
    for plan in plans { #expect(plan.contains("SEARCH manifest USING INDEX"), "\(plan)") }
    #expect(plans.count == 4)
  }
}
