/// A file that fails as a whole, with the code and what its sentence must name.
struct FailureCase: Sendable {
  /// What is wrong with it.
  let title: String
  let file: [UInt8]
  let code: String
  /// Words of the sentence that a sender needs to find the place or the cause.
  let words: [String]

  /// The `--max-record` of the run.
  static let maxRecord = 1024

  init(_ name: String, _ file: [UInt8], _ code: String, _ words: [String] = []) {
    title = name
    self.file = file
    self.code = code
    self.words = words
  }

  init(_ name: String, _ file: String, _ code: String, _ words: [String] = []) {
    self.init(name, Array(file.utf8), code, words)
  }

  private static let header = "Song,Date,Number of Plays\n"
  private static let tidy = header + "A,2024-01-01,1\n"

  /// The text in UTF-16 or UTF-32, of ASCII alone.
  private static func wide(_ mark: [UInt8], width: Int, bigEndian: Bool) -> [UInt8] {
    mark
      + tidy.utf8.flatMap { byte in
        let zeros = [UInt8](repeating: 0, count: width - 1)
        return bigEndian ? zeros + [byte] : [byte] + zeros
      }
  }

  static let all = headers + encodings + records

  private static let headers = [
    FailureCase("no bytes", "", "empty"),
    FailureCase("a byte-order mark alone", "\u{FEFF}", "header"),
    FailureCase("blank lines alone", "\n\r\n\n", "header"),
    FailureCase("two columns", "Song,Date\nA,d\n", "header", ["line 1"]),
    FailureCase("one column", "Song\nA\n", "header"),
    FailureCase("no header", "Hey Jude,2024-01-01,3\nA,d,1\n", "header"),
    FailureCase("no header, quoted", "\"Hey Jude\",\"2024-01-01\",\" 3 \"\n", "header"),
    FailureCase("a column twice", "Song,Date,Number of Plays,song\nA,d,1,B\n", "header"),
    FailureCase("NUL in the header", "Song,Da\0te,Number of Plays\nA,d,1\n", "header"),
    FailureCase(
      "Latin-1 in the header", Array("Titre,Journ".utf8) + [0xE9] + Array("e,N\nA,d,1\n".utf8),
      "header"),
    FailureCase("text after a quote in the header", "\"Song\"x,Date,Plays\nA,d,1\n", "header"),
  ]

  private static let encodings = [
    FailureCase(
      "UTF-16 LE", wide([0xFF, 0xFE], width: 2, bigEndian: false), "encoding", ["UTF-16"]),
    FailureCase(
      "UTF-16 BE", wide([0xFE, 0xFF], width: 2, bigEndian: true), "encoding", ["UTF-16"]),
    FailureCase("UTF-16 LE, no mark", wide([], width: 2, bigEndian: false), "encoding", ["UTF-16"]),
    FailureCase("UTF-16 BE, no mark", wide([], width: 2, bigEndian: true), "encoding", ["UTF-16"]),
    FailureCase(
      "UTF-32 LE", wide([0xFF, 0xFE, 0, 0], width: 4, bigEndian: false), "encoding", ["UTF-32"]),
    FailureCase(
      "UTF-32 BE", wide([0, 0, 0xFE, 0xFF], width: 4, bigEndian: true), "encoding", ["UTF-32"]),
    FailureCase("UTF-32 LE, no mark", wide([], width: 4, bigEndian: false), "encoding", ["UTF-32"]),
    FailureCase("gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "encoding", ["gzip"]),
    FailureCase("ZIP", Array("PK\u{3}\u{4}".utf8) + [0x14, 0, 0, 0], "encoding", ["ZIP"]),
    FailureCase("a database", "SQLite format 3\0", "encoding", ["SQLite"]),
  ]

  private static let records = [
    FailureCase(
      "a quote without end", tidy + "\"B,d,1\nC,d,1\n", "unclosed-quote", ["line 3"]),
    FailureCase("a quote at the end", tidy + "B,\"", "unclosed-quote", ["line 3"]),
    FailureCase(
      "a quote in the header", "\"Song,Date,Number of Plays\n", "unclosed-quote", ["line 1"]),
    FailureCase(
      "a long title", tidy + String(repeating: "x", count: 3000) + ",d,1\n", "record-too-long",
      ["line 3"]),
    FailureCase(
      "a long quote", tidy + "\"" + String(repeating: "x\n", count: 3000), "record-too-long",
      ["line 3"]),
    FailureCase(
      "a sum above Int64", header + "A,d,9223372036854775807\nB,d,1\nA,d,1\n", "sum-overflow"),
    FailureCase(
      "a sum below Int64", header + "A,d,-9223372036854775808\nA,d,-1\n", "sum-overflow"),
    FailureCase("one bad row", tidy + "A,d,x\n", "rejected-rows"),
  ]
}
