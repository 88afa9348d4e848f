import CSV
import TestSupport
import Testing

struct PythonTests {
  @Test func `random files have the records that Python's csv module finds`() async throws {
    var generator = SeededGenerator(seed: 2024)
    var files: [(separator: UInt8, input: [UInt8])] = []
    var outcomes: [Outcome] = []
    for _ in 0..<4000 {
      let file = RandomFile(using: &generator, isText: true)
      files.append((file.separator, file.input))
      outcomes.append(PieceReader.read(file.input))
    }
    let answers = try await PythonCSV.read(files)
    try #require(answers.count == files.count)
    var compared = 0
    for (index, answer) in answers.enumerated() {
      let outcome = outcomes[index]
      let note = "file \(index): \(printed(files[index].input)) gave \(outcome)"
      let isOurs = outcome.failure == nil && !outcome.rejects.contains(where: \.hasTextAfterQuote)
      // Another problem at a smaller offset of the same record may hide the text behind a quote.
      #expect(answer.isStrict ? isOurs : !isOurs || !outcome.rejects.isEmpty, "\(note)")
      guard outcome.failure == nil, let header = outcome.header else { continue }
      #expect(header.separator == files[index].separator, "\(note)")
      expectSame(outcome, answer, header, note)
      compared += 1
    }
    #expect(compared > 2000, "too few files could be compared to prove anything")
  }

  @Test func `Python's csv module reads back what the writer writes`() async throws {
    var generator = SeededGenerator(seed: 7)
    let rows = WriterTests.rows(500, using: &generator)
    let files = [CSVWriter.LineEnding.lf, .crlf].map { lineEnding in
      (separator: UInt8(ascii: ","), input: WriterTests.written(rows, lineEnding: lineEnding))
    }
    for answer in try await PythonCSV.read(files) {
      #expect(answer.isStrict)
      let expected = rows.map { [$0.song, $0.date, Array(String($0.plays).utf8)] }
      #expect(answer.records.dropFirst().map(\.fields) == expected)
    }
  }

  /// Each reject lies in the lines of one record of Python's; the records that are left are our
  /// rows.
  private func expectSame(
    _ outcome: Outcome, _ answer: PythonCSV.File, _ header: Header, _ note: String
  ) {
    var records = Array(answer.records.dropFirst())
    #expect(records.count == outcome.rowsRead, "\(note)")
    for reject in outcome.rejects {
      guard let index = records.firstIndex(where: { $0.lines.contains(reject.position.line) })
      else {
        Issue.record("\(note): no record on line \(reject.position.line)")
        continue
      }
      let record = records.remove(at: index)
      if answer.isStrict {
        #expect(row(record, header) == nil, "\(note): line \(reject.position.line)")
      }
    }
    #expect(records.map { row($0, header) } == outcome.rows.map(Optional.some), "\(note)")
  }

  /// The row that Python's fields make, or nil where they break a rule.
  private func row(_ record: PythonCSV.Record, _ header: Header) -> Outcome.Row? {
    let fields = record.fields
    let needed = max(header.songColumn, header.dateColumn, header.playsColumn)
    guard fields.count > needed, fields.dropFirst(header.columnCount).allSatisfy(\.isEmpty) else {
      return nil
    }
    let text = fields[header.playsColumn].split { $0 == 0x20 || $0 == 0x09 }
    guard text.count == 1, let plays = Int64(String(decoding: text[0], as: UTF8.self)) else {
      return nil
    }
    return Outcome.Row(
      song: fields[header.songColumn], date: fields[header.dateColumn], plays: plays)
  }
}

extension Reject {
  fileprivate var hasTextAfterQuote: Bool { reason == .textAfterClosingQuote }
}
