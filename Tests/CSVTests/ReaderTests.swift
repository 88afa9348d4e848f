import CSV
import Testing

/// What a caller relies on between two calls, beyond the tables.
struct ReaderTests {
  @Test func `a full batch stops the reader and the next call goes on behind it`() throws {
    var file = Case.header + repeated("A,d,1\n", 10)
    var reader = PlaysReader()
    var batch = RowBatch(capacity: 4)
    var rejects: [Reject] = []
    let first = try read(&file, 0, &reader, &batch, &rejects)
    #expect(first == .init(consumed: Case.header.count + 4 * 6, stop: .needsRoom))
    #expect(batch.count == 4)
    let second = try read(&file, first.consumed, &reader, &batch, &rejects)
    #expect(second.stop == .needsRoom && batch.count == 4 && reader.rowsRead == 8)
    let third = try read(&file, first.consumed + second.consumed, &reader, &batch, &rejects)
    #expect(third.stop == .finished && batch.count == 2 && reader.rowsRead == 10)
    #expect(reader.bytesRead == file.count)
  }

  @Test(arguments: [("x\n", 4096), (String(repeating: "y", count: 99_999) + "\n", 11)])
  func `a call ends when it has rejected much, and nothing is lost`(
    record: String, perCall: Int
  ) throws {
    var file = Case.header + repeated(record, 3 * perCall)
    var reader = PlaysReader()
    var batch = RowBatch(capacity: 4)
    var start = 0
    for call in 1...3 {
      var rejects: [Reject] = []
      let progress = try read(&file, start, &reader, &batch, &rejects)
      start += progress.consumed
      #expect(rejects.count == perCall)
      #expect(progress.stop == (call == 3 ? .finished : .needsRoom))
    }
    #expect(reader.rowsRejected == 3 * perCall)
  }

  @Test func `rejects are appended and the batch is emptied`() throws {
    var file = Case.header + Array("A,d,1\nB\n".utf8)
    var reader = PlaysReader()
    var batch = RowBatch(capacity: 4)
    var rejects = [
      Reject(position: Position(line: 9, column: 9, byte: 9), reason: .nul, raw: [0])
    ]
    _ = try read(&file, 0, &reader, &batch, &rejects)
    var other = Case.header + Array("C,d,2\n".utf8)
    var second = PlaysReader()
    #expect(rejects.map(\.reason) == [.nul, .tooFewColumns(found: 1, needed: 3)])
    #expect(rejects.last?.raw == Array("B".utf8))
    _ = try read(&other, 0, &second, &batch, &rejects)
    #expect(batch.count == 1 && batch[0].plays == 2)
    #expect(batch.withRows { $0.count } == 1)
  }

  @Test func `bytes that are not consumed are as the file has them`() throws {
    let rest = Array("\"say \"\"no\"\"\",\"2024\"\"".utf8)
    var file = Case.header + Array("\"say \"\"yes\"\"\",d,1\n".utf8) + rest
    var reader = PlaysReader()
    var batch = RowBatch(capacity: 4)
    var rejects: [Reject] = []
    let progress = try read(&file, 0, &reader, &batch, &rejects, isFinal: false)
    #expect(progress == .init(consumed: file.count - rest.count, stop: .needsBytes))
    #expect(Array(file.suffix(rest.count)) == rest)
    #expect(Array(file[batch[0].song]) == Array("say \"yes\"".utf8))
  }

  @Test func `no row waits for the LF of its CRLF`() throws {
    var file = Case.header + Array("A,d,1\r".utf8)
    var reader = PlaysReader()
    var batch = RowBatch(capacity: 4)
    var rejects: [Reject] = []
    let progress = try read(&file, 0, &reader, &batch, &rejects, isFinal: false)
    #expect(progress == .init(consumed: file.count, stop: .needsBytes))
    #expect(batch.count == 1 && reader.line == 3)
    var rest = Array("\nB\n".utf8)
    _ = try read(&rest, 0, &reader, &batch, &rejects)
    #expect(rejects.map(\.position.line) == [3])
  }

  @Test(arguments: [
    ("", "The file has no bytes; send it again, with a header line and rows."),
    (
      #"PK\x03\x04"#,
      "The file is a ZIP archive, as spreadsheet workbooks are, as its first bytes (line 1, byte 0)"
        + " show; unpack it, or save the sheet as CSV in UTF-8."
    ),
    (
      #"Song,Date\n"#,
      "The header has 2 columns of the three that are needed (line 1, column 1, byte 0); begin the"
        + " file with the line Song,Date,Number of Plays."
    ),
    (
      #"a,b,1\n"#,
      "The file has no header line, and its first row would be lost (line 1, column 5, byte 4);"
        + " begin the file with the line Song,Date,Number of Plays."
    ),
    (
      #"a,b,c\nx,"y"#,
      "The quote that opens at line 2, column 3, byte 8 is never closed; close it, or write a quote"
        + " inside a quoted field twice."
    ),
    (
      #"a,b,c\nx,"yyyyyyyyyyyyyyyyyyyyyyyyyyy"#,
      "The record that begins at line 2, column 1, byte 6 is longer than 20 bytes, and the quote"
        + " that opens at line 2, column 3, byte 8 is not closed; close its quotes and end its"
        + " lines, or allow longer records."
    ),
  ])
  func `a failure says what, where and what to do`(recipe: String, sentence: String) {
    var file = unescaped(recipe)
    var reader = PlaysReader(options: CSVOptions(maxRecord: 20))
    var batch = RowBatch(capacity: 4)
    var rejects: [Reject] = []
    #expect { try read(&file, 0, &reader, &batch, &rejects) } throws: { error in
      (error as? CSVFailure)?.sentence == sentence
    }
  }

  @Test(arguments: [
    RejectReason.tooFewColumns(found: 1, needed: 3), .tooManyColumns(found: 4, header: 3),
    .playsNotWholeNumber, .playsOutOfRange, .notUTF8(0x0A), .notUTF8(0xFF), .nul,
    .textAfterClosingQuote, .notCalendarDate,
  ])
  func `a reason is one sentence that says what to do`(reason: RejectReason) {
    let sentence = reason.description
    #expect(sentence.hasSuffix(".") && sentence.filter { $0 == "." }.count == 1)
    #expect(sentence.contains(";"))
  }

  private func read(
    _ file: inout [UInt8], _ start: Int, _ reader: inout PlaysReader, _ batch: inout RowBatch,
    _ rejects: inout [Reject], isFinal: Bool = true
  ) throws(CSVFailure) -> PlaysReader.Progress {
    // The span lives within the closure, and the array is not touched meanwhile.
    try unsafe file.withUnsafeMutableBufferPointer {
      (pointer) throws(CSVFailure) -> PlaysReader.Progress in
      let rest = unsafe UnsafeMutableBufferPointer(rebasing: pointer[start...])
      var span = unsafe rest.mutableSpan
      return try reader.read(&span, isFinal: isFinal, into: &batch, rejects: &rejects)
    }
  }
}
