import CSV
import TestSupport
import Testing

struct WriterTests {
  @Test(arguments: [
    (["a", "b c", "\u{E9}"], "a,b c,\u{E9}"), (["", "", ""], ",,"),
    (["a,b", "a\"b", "\""], "\"a,b\",\"a\"\"b\",\"\"\"\""),
    (["a\nb", "a\rb", "\r\n"], "\"a\nb\",\"a\rb\",\"\r\n\""),
    ([" a ", "\ta", "a;b|c"], " a ,\ta,a;b|c"),
    (["=1+1", "-5 Hours", "@home"], "=1+1,-5 Hours,@home"),
  ])
  func `a field is quoted when it holds a comma, a quote, CR or LF, and only then`(
    fields: [String], expected: String
  ) {
    var writer = CSVWriter()
    for field in fields { writer.append(field) }
    writer.endRecord()
    #expect(String(decoding: writer.bytes, as: UTF8.self) == expected + "\n")
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-5 Hours", "'-5 Hours"), ("@home", "'@home"),
    ("\tx", "'\tx"), ("\rx", "\"'\rx\""), ("=\"a\",b", "\"'=\"\"a\"\",b\""), ("a=1", "a=1"),
    ("", ""), ("'=1", "'=1"), ("\nx", "\"\nx\""),
  ])
  func `with formulas escaped an apostrophe stands before a field that a spreadsheet would run`(
    field: String, expected: String
  ) {
    var writer = CSVWriter(escapeFormulas: true)
    writer.append(field)
    writer.append("b")
    writer.endRecord()
    #expect(String(decoding: writer.bytes, as: UTF8.self) == expected + ",b\n")
  }

  @Test func `numbers are written whole and are never formulas`() {
    var writer = CSVWriter(lineEnding: .crlf, escapeFormulas: true)
    for number in [0, -1, 10, .max, .min] as [Int64] { writer.append(number) }
    writer.append(Int128.min)
    writer.endRecord()
    let expected =
      "0,-1,10,9223372036854775807,-9223372036854775808,"
      + "-170141183460469231731687303715884105728\r\n"
    #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
  }

  @Test func `what was taken is forgotten and the record goes on`() {
    var writer = CSVWriter()
    writer.append("a")
    let first = writer.bytes
    writer.removeAll()
    writer.append("b")
    writer.endRecord()
    writer.append("c")
    #expect(first == Array("a".utf8))
    #expect(writer.bytes == Array(",b\nc".utf8))
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `what the writer writes the reader reads back`(seed: UInt64) {
    for lineEnding in [CSVWriter.LineEnding.lf, .crlf] {
      var generator = SeededGenerator(seed: seed)
      let rows = Self.rows(300, using: &generator)
      let file = Self.written(rows, lineEnding: lineEnding)
      let outcome = PieceReader.read(file, capacity: 7)
      #expect(outcome.rows == rows, "seed \(seed)")
      #expect(outcome.rejects.isEmpty && outcome.failure == nil, "seed \(seed): \(outcome)")
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `a record in one step is what its fields one by one are, whatever came before`(seed: UInt64)
  {
    var generator = SeededGenerator(seed: seed)
    let long = [UInt8](repeating: UInt8(ascii: ","), count: 5000)
    for lineEnding in [CSVWriter.LineEnding.lf, .crlf] {
      for escapes in [false, true] {
        var whole = CSVWriter(lineEnding: lineEnding, escapeFormulas: escapes)
        var single = whole
        for row in Self.rows(200, using: &generator) + [Outcome.Row(song: long, date: [], plays: 1)]
        {
          // A song comes several times in turn, with dates that need quotes and such that do not.
          for date in [row.date, Array("2024-01-31".utf8), row.song, row.date] {
            whole.appendRecord(row.song.span, date.span, row.plays)
            single.append(row.song.span)
            single.append(date.span)
            single.append(row.plays)
            single.endRecord()
            #expect(whole.bytes == single.bytes, "seed \(seed)")
            if Bool.random(using: &generator) {
              whole.removeAll()
              single.removeAll()
            }
          }
        }
      }
    }
  }

  /// Rows of bytes that are text and otherwise arbitrary.
  static func rows(_ count: Int, using generator: inout SeededGenerator) -> [Outcome.Row] {
    let pieces = [
      "a", "B", "\"", "\"\"", ",", ";", "\n", "\r", "\r\n", " ", "\t", "=", "'", "\u{E9}",
      "\u{1F600}", "\u{2028}", "2024-01-31", "0",
    ]
    func field() -> [UInt8] {
      let count = Int.random(in: 0...7, using: &generator)
      return (0..<count).flatMap { _ in
        Array(pieces[Int.random(in: pieces.indices, using: &generator)].utf8)
      }
    }
    return (0..<count).map { _ in
      Outcome.Row(
        song: field(), date: field(), plays: .random(in: .min ... .max, using: &generator))
    }
  }

  static func written(_ rows: [Outcome.Row], lineEnding: CSVWriter.LineEnding) -> [UInt8] {
    var writer = CSVWriter(lineEnding: lineEnding)
    for name in ["Song", "Date", "Number of Plays"] { writer.append(name) }
    writer.endRecord()
    for row in rows {
      writer.append(row.song.span)
      writer.append(row.date.span)
      writer.append(row.plays)
      writer.endRecord()
    }
    return writer.bytes
  }
}
