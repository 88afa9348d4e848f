/// The place of a problem in a file.
struct Place: Decodable, Hashable, Sendable {
  /// Physical, from 1.
  let line: Int
  /// In Unicode scalars, from 1.
  let column: Int
  /// In the file, from 0.
  let byte: Int
}

/// A file with exactly one record to reject, and where the problem is: counted by hand.
struct RejectCase: Sendable {
  /// What is wrong with it.
  let title: String
  let file: [UInt8]
  let place: Place
  /// Whether the file is only wrong with `--dates calendar`.
  let needsCalendar: Bool

  init(
    _ name: String, _ file: String, _ line: Int, _ column: Int, _ byte: Int, calendar: Bool = false
  ) {
    self.init(name, Array(file.utf8), line, column, byte, calendar: calendar)
  }

  init(
    _ name: String, _ file: [UInt8], _ line: Int, _ column: Int, _ byte: Int, calendar: Bool = false
  ) {
    title = name
    self.file = file
    place = Place(line: line, column: column, byte: byte)
    needsCalendar = calendar
  }

  /// 26 bytes.
  private static let header = "Song,Date,Number of Plays\n"

  private static func bytes(_ before: String, _ raw: [UInt8], _ after: String) -> [UInt8] {
    Array((header + before).utf8) + raw + Array(after.utf8)
  }

  static let all: [RejectCase] = counts + numbers + bytes + shapes + dates

  private static let counts = [
    RejectCase("too few columns", header + "A,2024-01-01\n", 2, 1, 26),
    RejectCase("a line of spaces", header + "A,d,1\n  \n", 3, 1, 32),
    RejectCase("a surplus column", header + "A,2024-01-01,1,x\n", 2, 16, 41),
    RejectCase("a surplus column behind an empty one", header + "A,2024-01-01,1,,x\n", 2, 17, 42),
    RejectCase("an unquoted comma in a title", header + "Hello, Dolly,2024-01-01,5\n", 2, 14, 39),
    RejectCase(
      "too few columns and no number", "Song,Number of Plays,Date\nA,x\n", 2, 3, 28),
  ]

  private static let numbers = [
    RejectCase("plays in words", header + "A,2024-01-01,many\n", 2, 14, 39),
    RejectCase("plays quoted in words", header + "A,2024-01-01,\"many\"\n", 2, 15, 40),
    RejectCase("no plays", header + "A,2024-01-01,\n", 2, 14, 39),
    RejectCase("a decimal", header + "A,d,1.5\n", 2, 5, 30),
    RejectCase("2 to the 63", header + "A,d,9223372036854775808\n", 2, 5, 30),
    RejectCase("one less than Int64 has", header + "A,d,-9223372036854775809\n", 2, 5, 30),
    RejectCase("a no-break space before plays", header + "A,d,\u{A0}1\n", 2, 5, 30),
    RejectCase("digits of another script", header + "A,d,٣\n", 2, 5, 30),
    RejectCase("an exponent", header + "A,d,1e3\n", 2, 5, 30),
    RejectCase("a sign alone", header + "A,d,-\n", 2, 5, 30),
    RejectCase("two numbers", header + "A,d,1 2\n", 2, 5, 30),
  ]

  private static let bytes = [
    RejectCase("Latin-1", bytes("Bj", [0xF6], "rk,d,1\n"), 2, 3, 28),
    RejectCase("a bad byte behind two bytes of one letter", bytes("é", [0xFF], ",d,1\n"), 2, 2, 28),
    RejectCase("a surrogate", bytes("A,d", [0xED, 0xA0, 0x80], ",1\n"), 2, 4, 29),
    RejectCase("an overlong slash", bytes("A,d", [0xC0, 0xAF], ",1\n"), 2, 4, 29),
    RejectCase("half a letter at the end of the record", bytes("A,d,1", [0xC3], "\n"), 2, 5, 30),
    RejectCase(
      "half a letter at the end of a title", bytes("A", [0xE2, 0x82], ",d,1\n"), 2, 2, 27),
    RejectCase("NUL", header + "A\0B,d,1\n", 2, 2, 27),
    RejectCase("the first of two problems", header + "A\0B,d,x\n", 2, 2, 27),
    RejectCase("text after a quote", header + "\"A\"x,d,1\n", 2, 4, 29),
    RejectCase("a space after a quote", header + "A,\"d\" ,1\n", 2, 6, 31),
  ]

  private static let shapes = [
    RejectCase("lines that end in CR", "Song,Date,Number of Plays\rA,d,1\rB,d,x\r", 3, 5, 36),
    RejectCase(
      "lines that end in CRLF", "Song,Date,Number of Plays\r\nA,d,1\r\nB,d,x\r\n", 3, 5, 38),
    RejectCase("newlines inside quotes", header + "\"A\nB\",d,1\n\"C\nD\",d,x\n", 5, 6, 44),
    RejectCase("a byte-order mark", "\u{FEFF}" + header + "A,d,x\n", 2, 5, 33),
    RejectCase("blank lines", header + "\n\nA,d,x\n", 4, 5, 32),
    RejectCase("no final newline", header + "A,d,x", 2, 5, 30),
    RejectCase("an emoji before it", header + "🎵,d,x\n", 2, 5, 33),
    RejectCase("semicolons", "Song;Date;Number of Plays\nA;d;x\n", 2, 5, 30),
    RejectCase("tabs", "Song\tDate\tNumber of Plays\nA\td\tx\n", 2, 5, 30),
    RejectCase("bars", "Song|Date|Number of Plays\nA|d|x\n", 2, 5, 30),
    RejectCase("columns by position", "Title,Day,Count\nA,d,x\n", 2, 5, 20),
  ]

  private static let dates = [
    RejectCase("30 February", header + "A,2024-02-30,1\n", 2, 3, 28, calendar: true),
    RejectCase("29 February 2023", header + "A,2023-02-29,1\n", 2, 3, 28, calendar: true),
    RejectCase("29 February 1900", header + "A,19000229,1\n", 2, 3, 28, calendar: true),
    RejectCase("a month 13", header + "A,\"20241301\",1\n", 2, 4, 29, calendar: true),
    RejectCase("a day of another order", header + "A,01.02.2024,1\n", 2, 3, 28, calendar: true),
    RejectCase("a space behind the day", header + "A,2024-01-01 ,1\n", 2, 3, 28, calendar: true),
  ]
}
