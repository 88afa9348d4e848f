import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite struct Failures {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    @Test func `every way in which a file fails has its code, a sentence and no result`()
      async throws
    {
      for (number, example) in FailureCase.all.enumerated() {
        try sandbox.drop("\(number).csv", Data(example.file))
      }
      let outcome = try await sandbox.once(["--max-record", "\(FailureCase.maxRecord)"])
      #expect(outcome.end == .exit(1))
      for (number, example) in FailureCase.all.enumerated() {
        let receipt = try #require(
          try sandbox.receiptNow("\(number).csv"), "\(example.title)")
        #expect(receipt.status == "failed", "\(example.title)")
        #expect(receipt.errorCode == example.code, "\(example.title)")
        #expect(receipt.bytes == example.file.count, "\(example.title)")
        let sentence = try #require(receipt.error, "\(example.title)")
        for word in example.words {
          #expect(sentence.contains(word), "\(example.title): \(sentence)")
        }
        #expect(!sentence.contains("\n"), "\(example.title)")
        #expect(try sandbox.result("\(number).csv") == nil, "\(example.title)")
        let listed = try sandbox.result("\(number).rejects.csv")
        #expect((listed != nil) == (example.code == "rejected-rows"), "\(example.title)")
        let row = try await sandbox.query(
          "SELECT status, error_code, error FROM manifest WHERE name = '\(number).csv'"
        ).first
        #expect(row == ["status": "failed", "error_code": example.code, "error": sentence])
      }
      #expect(try await sandbox.value("SELECT COUNT(*) FROM plays") == "0")
    }

    @Test func `a bound on rejects does not save a file that fails as a whole`() async throws {
      let examples = FailureCase.all.filter { $0.code != "rejected-rows" }
      for (number, example) in examples.enumerated() {
        try sandbox.drop("\(number).csv", Data(example.file))
      }
      let outcome = try await sandbox.once(
        ["--max-record", "\(FailureCase.maxRecord)", "--max-rejects", "all"])
      #expect(outcome.end == .exit(1))
      #expect(try await sandbox.statuses() == ["failed": examples.count])
    }

    @Test(arguments: ["0", "1", "all"])
    func `a file with a rejected row and a sum that overflows fails`(bound: String) async throws {
      try sandbox.drop(
        "a.csv",
        "Song,Date,Number of Plays\nA,d,9223372036854775807\nA,d,1\nB,d,x\n")
      #expect(try await sandbox.once(["--max-rejects", bound]).end == .exit(1))
      // Which of its two faults is named where both fail it is open.
      let codes = bound == "0" ? ["sum-overflow", "rejected-rows"] : ["sum-overflow"]
      let receipt = try #require(try sandbox.receiptNow("a.csv"))
      #expect(codes.contains(receipt.errorCode ?? "none"))
      #expect(try await sandbox.statuses() == ["failed": 1])
      #expect(try await sandbox.playsSum() == 0)
    }

    private static let result = "Song,Date,Total Number of Plays for Date\n"

    /// File, result and how the columns were found.
    private static let headers: [(String, String, String)] = [
      ("Song,Date,Number of Plays\nA,d,1\n", "A,d,1\n", "name"),
      ("sONG, DATE ,\tNUMBER OF PLAYS\nA,d,1\n", "A,d,1\n", "name"),
      ("Number of Plays,x,Date,Song\n1,y,d,A\n", "A,d,1\n", "name"),
      ("\"Song\",\"Date\",\"Number of Plays\"\nA,d,1\n", "A,d,1\n", "name"),
      ("\u{FEFF}Song,Date,Number of Plays\r\nA,d,1", "A,d,1\n", "name"),
      ("\n\nSong;Date;Number of Plays\nA,B;d;1\n", "\"A,B\",d,1\n", "name"),
      ("Song\tDate\tNumber of Plays\nA;B\td\t1\n", "A;B,d,1\n", "name"),
      ("Song|Date|Number of Plays\nA\tB|d|1\n", "A\tB,d,1\n", "name"),
      ("Song,Date,Number of Plays,Album\nA,d,1\nA,d,1,x\nA,d,1,x,,\n", "A,d,3\n", "name"),
      ("Title,Day,Count\nA,d,1\n", "A,d,1\n", "position"),
      ("Title,Day,Count,Song\nA,d,1,Z\n", "A,d,1\n", "position"),
      (",,\nA,d,1\n", "A,d,1\n", "position"),
      ("Song,Date,Number of Plays\n", "", "name"),
      ("Song,Date,Number of Plays", "", "name"),
      (
        "Song,Date,Number of Plays\nA,d,9223372036854775807\nA,d,1\nA,d,-1\n",
        "A,d,9223372036854775807\n", "name"
      ),
      ("Song,Date,Number of Plays\nA,d,\" +007\t\"\nA,d,-9\n", "A,d,-2\n", "name"),
      ("Song,Date,Number of Plays\n A,d,1\nA ,d,1\na,d,1\n", " A,d,1\nA ,d,1\na,d,1\n", "name"),
      (
        "Song,Date,Number of Plays\n7\" mix,d,1\n\"7\"\" mix\",d,1\n", "\"7\"\" mix\",d,2\n", "name"
      ),
      (
        "Song,Date,Number of Plays\n\"A\r\nB\",d,1\n\"A\nB\",d,1\n",
        "\"A\nB\",d,1\n\"A\r\nB\",d,1\n", "name"
      ),
      ("Song,Date,Number of Plays\n,,1\n", ",,1\n", "name"),
      (
        "Song,Date,Number of Plays\nB\u{E9},d,1\nBe\u{301},d,1\n", "Be\u{301},d,1\nB\u{E9},d,1\n",
        "name"
      ),
    ]

    @Test func `headers, separators and fields are read as promised`() async throws {
      for (number, example) in Self.headers.enumerated() {
        try sandbox.drop("\(number).csv", example.0)
      }
      let outcome = try await sandbox.once(["--on-duplicate", "load"])
      #expect(outcome.end == .exit(0))
      for (number, example) in Self.headers.enumerated() {
        let receipt = try #require(try sandbox.receiptNow("\(number).csv"), "\(example.0)")
        #expect(receipt.columns == example.2, "\(example.0)")
        let result = try sandbox.result("\(number).csv").map { Array($0.utf8) }
        #expect(result == Array((Self.result + example.1).utf8), "\(example.0)")
      }
    }

    @Test func `a gzipped file is read as a stream`() async throws {
      try Data(Sandbox.plays(3).utf8).write(to: URL(fileURLWithPath: sandbox.desk + "/a.csv"))
      let packed = try await run("/bin/gzip", [sandbox.desk + "/a.csv"])
      #expect(packed.end == .exit(0))
      try FileManager.default.moveItem(
        atPath: sandbox.desk + "/a.csv.gz", toPath: sandbox.inbox + "/a.csv.gz")
      #expect(try await sandbox.once().end == .exit(0))
      #expect(try await sandbox.receipt("a.csv").name == "a.csv.gz")
      #expect(try sandbox.result("a.csv") == Sandbox.total(3))
    }
  }
}
