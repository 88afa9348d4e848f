import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Rejects {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// Drops the cases under their numbers, runs once, and compares three places with the truth:
    /// rejects file, receipt and database.
    private func expectPlaces(of cases: [RejectCase], _ flags: [String]) async throws {
      for (number, example) in cases.enumerated() {
        try sandbox.drop("\(number).csv", Data(example.file))
      }
      #expect(try await sandbox.once(flags).end == .exit(1))
      for (number, example) in cases.enumerated() {
        let name = "\(number).csv"
        let receipt = try #require(try sandbox.receiptNow(name), "\(example.title)")
        #expect(receipt.errorCode == "rejected-rows", "\(example.title)")
        #expect(receipt.rowsRejected == 1, "\(example.title)")
        #expect(receipt.rejectsName == "\(number).rejects.csv")
        let place = example.place
        let error = try #require(receipt.error)
        #expect(
          error.contains("\(place.line)"), "\(example.title): \(error)")
        let listed = try #require(try sandbox.result("\(number).rejects.csv"))
        #expect(
          listed.split(whereSeparator: \.isNewline).dropFirst().first?
            .hasPrefix("\(place.line),\(place.column),\(place.byte),") == true,
          "\(example.title): \(listed)")
        let rows = try await sandbox.query(
          """
          SELECT line, "column", byte, reason FROM rejects JOIN manifest USING (task_id)
          WHERE name = '\(name)'
          """)
        #expect(rows.count == 1, "\(example.title)")
        #expect(rows.first?["line"] == String(place.line), "\(example.title)")
        #expect(rows.first?["column"] == String(place.column), "\(example.title)")
        #expect(rows.first?["byte"] == String(place.byte), "\(example.title)")
        #expect(try sandbox.result(name) == nil, "\(example.title)")
      }
      #expect(try await sandbox.playsSum() == 0)
    }

    @Test func `every kind of reject is reported with its line, column and byte`() async throws {
      try await expectPlaces(of: RejectCase.all.filter { !$0.needsCalendar }, [])
    }

    @Test func `a date that is no real day is reported with its place where days are checked`()
      async throws
    {
      try await expectPlaces(
        of: RejectCase.all.filter(\.needsCalendar), ["--dates", "calendar"])
    }

    @Test func `a date that is no real day is text like another where days are not checked`()
      async throws
    {
      let cases = RejectCase.all.filter(\.needsCalendar)
      for (number, example) in cases.enumerated() {
        try sandbox.drop("\(number).csv", Data(example.file))
      }
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.statuses() == ["done": cases.count])
    }

    private static let oneBad = "Song,Date,Number of Plays\nA,d,1\nB,d,x\nC,d,2\n"
    private static let twoBad = oneBad + "D,d,\n"

    @Test func `with max-rejects 1 one bad row is listed and two fail the file`() async throws {
      try sandbox.drop("one.csv", Self.oneBad)
      try sandbox.drop("two.csv", Self.twoBad)
      #expect(try await sandbox.once(["--max-rejects", "1"]).end == .exit(1))

      let one = try await sandbox.receipt("one.csv")
      #expect(one.status == "done")
      #expect(one.rows == [3, 2, 1])
      #expect(
        try sandbox.result("one.csv")
          == "Song,Date,Total Number of Plays for Date\nA,d,1\nC,d,2\n")
      let listed = try #require(try sandbox.result("one.rejects.csv"))
      #expect(listed.hasPrefix("Line,Column,Byte,Reason,Record\n3,5,36,"))
      #expect(listed.hasSuffix(",\"B,d,x\"\n"))

      let two = try await sandbox.receipt("two.csv")
      #expect(two.status == "failed")
      #expect(two.errorCode == "rejected-rows")
      #expect(try sandbox.result("two.csv") == nil)
      let both = try #require(try sandbox.result("two.rejects.csv"))
      #expect(both.split(separator: "\n").count == 3)
      #expect(try await sandbox.playsSum() == 3)
    }

    @Test func `with max-rejects all the good rows of any file count`() async throws {
      let bad = String(repeating: "A,d,x\n", count: 12_000)
      try sandbox.drop("a.csv", "Song,Date,Number of Plays\n" + bad + "A,d,1\n")
      #expect(try await sandbox.once(["--max-rejects", "all"]).end == .exit(0))
      let receipt = try await sandbox.receipt("a.csv")
      #expect(receipt.rows == [12_001, 1, 12_000])
      #expect(try sandbox.result("a.csv") == Sandbox.total(1, song: "A", date: "d"))
    }

    @Test func `a file that fails lists its first ten thousand rejects`() async throws {
      let bad = String(repeating: "A,d,x\n", count: 12_000)
      try sandbox.drop("a.csv", "Song,Date,Number of Plays\n" + bad)
      #expect(try await sandbox.once().end == .exit(1))
      let listed = try #require(try sandbox.result("a.rejects.csv"))
      #expect(listed.split(separator: "\n").count == 10_001)
      #expect(listed.contains("\n10001,5,60024,"))
      #expect(try await sandbox.value("SELECT COUNT(*) FROM rejects") == "10000")
    }
  }
}
