import CSV

/// The rules once more, the slow and obvious way: the whole file as one array, one byte after the
/// other, positions counted from the beginning of the file.
struct ReferenceReader {
  private struct Field {
    var start: Int
    var contentStart: Int
    var value: [UInt8] = []
    var textAfterQuote: Int?
  }

  private struct Record {
    var range: Range<Int>
    var fields: [Field]
    var openQuote: Int?
  }

  private let file: [UInt8]
  private let options: CSVOptions
  private var at = 0
  private var outcome = Outcome()

  static func read(_ file: [UInt8], options: CSVOptions = CSVOptions()) -> Outcome {
    var reader = ReferenceReader(file: file, options: options)
    do throws(CSVFailure) {
      try reader.readFile()
    } catch {
      reader.outcome.failure = Outcome.Failure(kind: error.kind, position: error.position)
    }
    return reader.outcome
  }

  private init(file: [UInt8], options: CSVOptions) {
    self.file = file
    self.options = options
  }

  private mutating func readFile() throws(CSVFailure) {
    if file.isEmpty { throw failure(.empty, 0) }
    let zeros = file.prefix(4).map { $0 == 0 }
    let isOther =
      [[0xFF, 0xFE], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF], [0x1F, 0x8B], [0x50, 0x4B, 3, 4]]
      .contains { file.starts(with: $0) } || file.starts(with: Array("SQLite format 3\0".utf8))
      || [
        [false, true, false, true], [true, false, true, false], [false, true, true, true],
        [true, true, true, false],
      ].contains(zeros)
    if isOther { throw failure(.encoding, 0) }
    if file.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    skipBlankLines()
    if at == file.count { throw failure(.header, 0) }
    let header = try readHeader()
    outcome.header = header
    skipBlankLines()
    while at < file.count {
      readRecord(try record(separator: header.separator), header)
      skipBlankLines()
    }
  }

  private mutating func skipBlankLines() {
    while at < file.count, file[at] == 0x0A || file[at] == 0x0D { at += 1 }
  }

  private mutating func readHeader() throws(CSVFailure) -> Header {
    let start = at
    var chosen: (separator: UInt8, record: Record)?
    for (text, least) in [(",", 2), (";", 3), ("\t", 3), ("|", 3), (",", 1)] where chosen == nil {
      at = start
      let separator = Array(text.utf8)[0]
      let record = try record(separator: separator)
      if record.fields.count >= least { chosen = (separator, record) }
    }
    guard let (separator, record) = chosen else { throw failure(.header, start) }
    let spoilt = [firstBadByte(in: record.range)] + record.fields.map(\.textAfterQuote)
    if let place = spoilt.compactMap({ $0 }).min() { throw failure(.header, place) }
    let names = record.fields.map { field in
      String(decoding: field.value, as: UTF8.self).lowercased().trimming(" \t")
    }
    let wanted = ["song", "date", "number of plays"]
    for (index, name) in names.enumerated()
    where wanted.contains(name) && names[..<index].contains(name) {
      throw failure(.header, record.fields[index].start)
    }
    if names.count < 3 { throw failure(.header, start) }
    let columns = wanted.compactMap { names.firstIndex(of: $0) }
    let isByName = columns.count == 3
    if !isByName, number(record.fields[2].value) != .none {
      throw failure(.header, record.fields[2].contentStart)
    }
    return Header(
      separator: separator, columns: isByName ? .byName : .byPosition, columnCount: names.count,
      songColumn: isByName ? columns[0] : 0, dateColumn: isByName ? columns[1] : 1,
      playsColumn: isByName ? columns[2] : 2)
  }

  /// Reads one record, character after character, up to its line end.
  private mutating func record(separator: UInt8) throws(CSVFailure) -> Record {
    enum State { case start, plain, quoted, quote }
    let start = at
    var state = State.start
    var fields = [Field(start: at, contentStart: at)]
    var openQuote = at
    loop: while at < file.count {
      let byte = file[at]
      let last = fields.count - 1
      switch (state, byte) {
      case (.quoted, 0x22): state = .quote
      case (.quoted, _): fields[last].value.append(byte)
      case (_, 0x0A), (_, 0x0D): break loop
      case (_, separator):
        fields.append(Field(start: at + 1, contentStart: at + 1))
        state = .start
      case (.start, 0x22):
        fields[last].contentStart = at + 1
        openQuote = at
        state = .quoted
      case (.quote, 0x22):
        fields[last].value.append(byte)
        state = .quoted
      case (.quote, _):
        fields[last].textAfterQuote = at
        state = .plain
      case (_, _):
        if fields[last].textAfterQuote == nil { fields[last].value.append(byte) }
        state = .plain
      }
      at += 1
    }
    if at - start > options.maxRecord { throw failure(.recordTooLong, start) }
    if state == .quoted { throw failure(.unclosedQuote, openQuote) }
    return Record(range: start..<at, fields: fields)
  }

  private mutating func readRecord(_ record: Record, _ header: Header) {
    outcome.rowsRead += 1
    let fields = record.fields
    let needed = [header.songColumn, header.dateColumn, header.playsColumn]
    // Byte, rank (an encoding problem goes before another one at the same byte), reason.
    var problems: [(Int, Int, RejectReason)] = []
    if let bad = firstBadByte(in: record.range) {
      problems.append((bad, 0, file[bad] == 0 ? .nul : .notUTF8(file[bad])))
    }
    for text in fields.compactMap(\.textAfterQuote) {
      problems.append((text, 1, .textAfterClosingQuote))
    }
    if header.dateColumn < fields.count, options.dates == .calendar {
      let date = fields[header.dateColumn]
      if !isDay(date.value) { problems.append((date.contentStart, 1, .notCalendarDate)) }
    }
    var plays: Int64?
    if header.playsColumn < fields.count {
      let field = fields[header.playsColumn]
      switch number(field.value) {
      case .none: problems.append((field.contentStart, 1, .playsNotWholeNumber))
      case .some(.none): problems.append((field.contentStart, 1, .playsOutOfRange))
      case .some(.some(let value)): plays = value
      }
    }
    let surplus = fields.dropFirst(header.columnCount).first { field in !field.value.isEmpty }
    if let (place, _, reason) = problems.min(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
      reject(record, reason, at: place)
    } else if needed.contains(where: { $0 >= fields.count }) {
      let reason = RejectReason.tooFewColumns(found: fields.count, needed: (needed.max() ?? 0) + 1)
      reject(record, reason, at: record.range.lowerBound)
    } else if let surplus {
      let reason = RejectReason.tooManyColumns(found: fields.count, header: header.columnCount)
      reject(record, reason, at: surplus.start)
    } else {
      outcome.rows.append(
        Outcome.Row(
          song: fields[header.songColumn].value, date: fields[header.dateColumn].value,
          plays: plays ?? 0))
    }
  }

  private mutating func reject(_ record: Record, _ reason: RejectReason, at place: Int) {
    outcome.rowsRejected += 1
    outcome.rejects.append(
      Reject(position: position(place), reason: reason, raw: Array(file[record.range])))
  }

  private func failure(_ kind: CSVFailure.Kind, _ place: Int) -> CSVFailure {
    CSVFailure(kind: kind, position: position(place), sentence: "")
  }
}

extension ReferenceReader {
  /// Counted from the beginning of the file.
  private func position(_ place: Int) -> Position {
    var position = Position(line: 1, column: 1, byte: place)
    var index = file.starts(with: [0xEF, 0xBB, 0xBF]) && place >= 3 ? 3 : 0
    while index < place {
      let isLineEnd =
        file[index] == 0x0A
        || (file[index] == 0x0D && (index + 1 >= file.count || file[index + 1] != 0x0A))
      let length = (1...4).first { length in
        guard index + length <= file.count else { return false }
        let text = String(validating: file[index..<index + length], as: UTF8.self)
        return text?.unicodeScalars.count == 1
      }
      position.column = isLineEnd ? 1 : position.column + 1
      if isLineEnd { position.line += 1 }
      index += length ?? 1
    }
    return position
  }

  private func firstBadByte(in range: Range<Int>) -> Int? {
    let bytes = Array(file[range])
    var bad = bytes.firstIndex(of: 0)
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      bad = min(bad ?? .max, error.byteOffsets.lowerBound)
    }
    return bad.map { $0 + range.lowerBound }
  }

  /// Nil where the text is no whole number, a nil within where it does not fit.
  private func number(_ value: [UInt8]) -> Int64?? {
    let text = String(decoding: value, as: UTF8.self).trimming(" \t")
    let digits = ["-", "+"].contains(text.prefix(1)) ? text.dropFirst() : text[...]
    let isNumber =
      !digits.isEmpty
      && digits.unicodeScalars.allSatisfy { $0.value >= 0x30 && $0.value <= 0x39 }
    return isNumber ? .some(Int64(text)) : .none
  }

  private func isDay(_ value: [UInt8]) -> Bool {
    var digits = String(decoding: value, as: UTF8.self).unicodeScalars.map(Character.init)
    if digits.count == 10, digits[4] == "-", digits[7] == "-" {
      digits.remove(at: 7)
      digits.remove(at: 4)
    }
    guard digits.count == 8, digits.allSatisfy({ $0 >= "0" && $0 <= "9" && $0.isASCII }),
      let year = Int(String(digits[0..<4])), let month = Int(String(digits[4..<6])),
      let day = Int(String(digits[6..<8])), year > 0, (1...12).contains(month)
    else { return false }
    let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return day >= 1 && day <= lengths[month - 1]
  }
}

extension StringProtocol {
  fileprivate func trimming(_ set: String) -> String {
    let scalars = Array(unicodeScalars)
    let isKept = { (scalar: Unicode.Scalar) in !set.unicodeScalars.contains(scalar) }
    guard let first = scalars.firstIndex(where: isKept),
      let last = scalars.lastIndex(where: isKept)
    else { return "" }
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars[first...last])
    return text
  }
}
