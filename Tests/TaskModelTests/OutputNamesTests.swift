import Testing

@testable import TaskModel

struct OutputNamesTests {
  @Test(
    arguments: [
      ("plays-2024-01.csv", 1, "plays-2024-01", ""), ("plays.CSV", 1, "plays", ""),
      ("plays.csv.gz", 1, "plays", ""), ("plays.Csv.GZ", 3, "plays", ".3"),
      ("plays.csv", 2, "plays", ".2"), ("plays.csv", .max, "plays", ".4294967295"),
      ("a.csv.csv", 1, "a.csv", ""), ("a.2.csv", 2, "a.2", ".2"), ("a b\n.csv", 1, "a b\n", ""),
      ("report.txt", 1, "report.txt", ""),
    ] as [(String, UInt32, String, String)])
  func `all names of a set are the input's, with one number`(
    input: String, number: UInt32, stem: String, shown: String
  ) throws {
    let names = OutputNames(input: try #require(FileName(input)), number: number)
    #expect(names.result.text == stem + shown + ".csv")
    #expect(names.receipt.text == stem + shown + ".csv.receipt.json")
    #expect(names.rejects.text == stem + shown + ".rejects.csv")
  }

  /// Lengths of an input's name around the one from which on it is cut.
  private static let lengths = Array(200...255)

  @Test(arguments: [".csv", ".csv.gz"], [1, 2, 10, .max] as [UInt32])
  func `a name of any length gives names that Linux allows`(
    ending: String, number: UInt32
  ) throws {
    for length in Self.lengths {
      let text = String(repeating: "n", count: length - ending.utf8.count) + ending
      let names = OutputNames(input: try #require(FileName(text)), number: number)
      for name in [names.result, names.receipt, names.rejects] {
        #expect(name.bytes.count <= 255)
        #expect(name.bytes.starts(with: Array(repeating: UInt8(ascii: "n"), count: 190)))
      }
      let shown = number == 1 ? "" : ".\(number)"
      #expect(names.result.text.hasSuffix("n\(shown).csv"))
      #expect(names.receipt.text.hasSuffix("n\(shown).csv.receipt.json"))
      #expect(names.rejects.text.hasSuffix("n\(shown).rejects.csv"))
    }
  }

  @Test(arguments: ["\u{E9}", "\u{20AC}", "\u{1F3B5}"])
  func `a long name of text is cut between its letters`(letter: String) throws {
    for lead in 0...3 {
      let room = 251 - lead
      let text =
        String(repeating: "n", count: lead)
        + String(repeating: letter, count: room / letter.utf8.count) + ".csv"
      let names = OutputNames(input: try #require(FileName(text)), number: .max)
      for name in [names.result, names.receipt, names.rejects] {
        #expect(String(validating: name.bytes, as: UTF8.self) != nil, "\(name.text)")
        #expect(name.bytes.count > 200)
        #expect(name.bytes.count <= 255)
      }
    }
  }

  /// Such a name has no place where a letter begins.
  @Test func `a long name that is no text is cut too and does not become a hidden one`() throws {
    let bytes = Array(repeating: UInt8(0x80), count: 251) + Array(".csv".utf8)
    let names = OutputNames(input: try #require(FileName(bytes: bytes)), number: .max)
    for name in [names.result, names.receipt, names.rejects] {
      #expect(name.bytes.first == 0x80)
      #expect(name.bytes.count > 200)
      #expect(name.bytes.count <= 255)
    }
  }

  @Test(arguments: ["a.csv", String(repeating: "n", count: 251) + ".csv"])
  func `each number gives names of its own`(text: String) throws {
    let input = try #require(FileName(text))
    let names = [1, 2, 3, 10, 12, .max].map { OutputNames(input: input, number: $0) }
    let all = names.flatMap { [$0.result, $0.receipt, $0.rejects] }
    #expect(Set(all).count == 18)
  }
}
