import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// `watchctl totals`: what all done files hold together.
  @Suite struct Totals {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let header = "Song,Date,Number of Plays\n"

    /// Two files that share a song and date.
    private func load() async throws {
      try sandbox.drop(
        "a.csv", Self.header + "\"B, the\",2024-01-02,5\nA,2024-01-01,1\nA,2024-01-03,2\n")
      try sandbox.drop("b.csv", Self.header + "A,2024-01-01,10\nÄ,2024-01-02,100\na,2024-01-02,7\n")
      #expect(try await sandbox.once().end == .exit(0))
    }

    private func totals(_ arguments: String...) async throws -> String {
      let outcome = try await sandbox.watchctl(["totals"] + arguments)
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      return outcome.output
    }

    @Test func `CSV is a result across all done files, sorted by bytes`() async throws {
      try await load()
      #expect(
        try await totals("--csv") == """
          Song,Date,Total Number of Plays for Date
          A,2024-01-01,11
          A,2024-01-03,2
          "B, the",2024-01-02,5
          a,2024-01-02,7
          Ä,2024-01-02,100

          """)
    }

    @Test func `song, from and to choose, both ends included`() async throws {
      try await load()
      let bounded = try await totals("--csv", "--from", "2024-01-02", "--to", "2024-01-02")
      #expect(bounded.split(separator: "\n").count == 4)
      #expect(
        try await totals("--csv", "--song", "A", "--from", "2024-01-02")
          == "Song,Date,Total Number of Plays for Date\nA,2024-01-03,2\n")
      // Another letter, another song.
      #expect(try await totals("--csv", "--song", "Á").split(separator: "\n").count == 1)
    }

    @Test func `top gives the songs with the most plays`() async throws {
      try await load()
      #expect(
        try await totals("--csv", "--top", "2") == "Song,Total Number of Plays\nÄ,100\nA,13\n")
      #expect(try await totals("--top", "1") == "Song  Plays\nÄ       100\n")
    }

    @Test func `JSON has an object a row, and none where there are no plays`() async throws {
      try await load()
      let rows = try #require(
        try JSONSerialization.jsonObject(with: Data(try await totals("--json").utf8))
          as? [[String: Any]])
      #expect(rows.map { $0["song"] as? String } == ["A", "A", "B, the", "a", "Ä"])
      #expect(rows.map { $0["plays"] as? Int } == [11, 2, 5, 7, 100])
      #expect(try await totals("--json", "--song", "none") == "[]\n")
    }

    @Test func `sums are exact beyond 64 bits, on both sides of zero`() async throws {
      let (most, least) = (Int64.max, Int64.min)
      for number in 1...3 {
        try sandbox.drop(
          "\(number).csv",
          Self.header + "big,d,\(most)\nsmall,d,\(least)\nback,d,\(number == 2 ? most : -1)\n")
        // One by one, for the same bytes again would be a duplicate.
        #expect(try await sandbox.once(["--on-duplicate", "load"]).end == .exit(0))
      }
      #expect(
        try await totals("--csv") == """
          Song,Date,Total Number of Plays for Date
          back,d,\(most - 2)
          big,d,27670116110564327421
          small,d,-27670116110564327424

          """)
      #expect(try await totals("--csv", "--top", "1").hasSuffix("big,27670116110564327421\n"))
    }

    @Test func `the plot is drawn in Unicode, and in ASCII where the locale has no more`()
      async throws
    {
      try await load()
      let arguments = ["--state", sandbox.state, "totals", "--plot"]
      let unicode = try await run(
        Programs.watchctl, arguments, environment: ["LC_ALL": "C.UTF-8"])
      #expect(unicode.end == .exit(0))
      #expect(unicode.output.contains("Ä") && unicode.output.contains("███"), "\(unicode.output)")
      #expect(unicode.output.contains("2024-01-01 to 2024-01-03\n3 dates, 125 plays"))
      #expect(unicode.output.contains("▁█▁"), "\(unicode.output)")
      // What counts is the first one of these that says anything.
      let locales = [
        ["LC_ALL=C", "LANG=C.UTF-8"], ["LC_ALL=", "LC_CTYPE=POSIX", "LANG=C.UTF-8"], ["LANG=C"], [],
        ["LANG=de_DE.ISO-8859-1"],
      ]
      for locale in locales {
        let plain = try await run(
          Programs.env,
          ["-u", "LC_ALL", "-u", "LC_CTYPE", "-u", "LANG"] + locale + [Programs.watchctl]
            + arguments)
        #expect(plain.end == .exit(0))
        #expect(plain.standardOutput.allSatisfy { $0 < 0x80 }, "\(locale): \(plain.output)")
        #expect(plain.output.contains("###") && plain.output.contains("_#_"), "\(plain.output)")
        let wide = plain.output.split(separator: "\n").filter { $0.count > 80 }
        #expect(wide.isEmpty)
      }
    }

    @Test func `a table fits the terminal and shows nothing of a field as it is`() async throws {
      try sandbox.drop(
        "a.csv",
        Self.header + "\(String(repeating: "very ", count: 40))long,2024-01-01,1\n"
          + "\u{1B}[31mred,2024-01-01,2\n")
      #expect(try await sandbox.once().end == .exit(0))
      let shown = try await Programs.python(
        "terminal.py", ["80", Programs.watchctl, "totals", "--state", sandbox.state])
      #expect(shown.end == .exit(0))
      let lines = shown.output.split(whereSeparator: \.isNewline)
      #expect(lines.count == 3, "\(shown.output)")
      #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.map(\.count))")
      #expect(lines.allSatisfy { $0.contains("2024-01-01") || $0.hasPrefix("Song") })
      #expect(!shown.output.contains("\u{1B}"))
      let csv = try await Programs.python(
        "terminal.py", ["80", Programs.watchctl, "totals", "--csv", "--state", sandbox.state])
      #expect(!csv.output.contains("\u{1B}") && csv.output.contains("\\u{1B}[31mred"))
      // A program gets the bytes.
      #expect(try await totals("--csv").contains("\u{1B}[31mred"))
    }

    @Test func `a reader that goes away is no error`() async throws {
      let text = Self.header + (0..<40_000).map { "a rather long song \($0),d,1\n" }.joined()
      try sandbox.drop("a.csv", text)
      #expect(try await sandbox.once().end == .exit(0))
      for command in ["totals", "totals --csv", "totals --json", "query 'SELECT * FROM plays'"] {
        let outcome = try await run(
          "/bin/bash",
          [
            "-c",
            "set -o pipefail; \(Programs.watchctl) \(command) --state \(sandbox.state) | head -n 1",
          ])
        #expect(outcome.end == .exit(0), "\(command): \(outcome.errorText)")
        #expect(outcome.errorText.isEmpty, "\(command): \(outcome.errorText)")
      }
    }
  }
}
