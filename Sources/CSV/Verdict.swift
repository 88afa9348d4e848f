/// What becomes of a record that lies whole in the buffer.
enum Verdict {
  case row(song: Field, date: Field, plays: Int64)
  /// The reason, and the offset of the byte that is at fault.
  case rejected(RejectReason, at: Int)

  /// Judges a record and does not change it; `badByte` is its first that is not UTF-8 or is NUL.
  init(
    _ record: Range<Int>, of bytes: Bytes, header: Header, dates: DatePolicy, badByte: Int?
  ) {
    var evidence = Evidence()
    if let badByte {
      evidence.problem.note(bytes[badByte] == 0 ? .nul : .notUTF8(bytes[badByte]), at: badByte)
    }
    var at = record.lowerBound
    repeat {
      let field = bytes.field(from: at, recordEnd: record.upperBound, separator: header.separator)
      evidence.take(field, of: bytes, header: header, dates: dates)
      at = field.end + 1
    } while at <= record.upperBound

    if let reason = evidence.problem.reason {
      self = .rejected(reason, at: evidence.problem.offset)
    } else if let surplusStart = evidence.surplusStart {
      self = .rejected(
        .tooManyColumns(found: evidence.columns, header: header.columnCount), at: surplusStart)
    } else if let song = evidence.song, let date = evidence.date, let plays = evidence.plays {
      self = .row(song: song, date: date, plays: plays)
    } else {
      self = .rejected(
        .tooFewColumns(found: evidence.columns, needed: header.neededColumns),
        at: record.lowerBound)
    }
  }
}

/// What the fields of a record have shown so far.
private struct Evidence {
  private(set) var song: Field?
  private(set) var date: Field?
  private(set) var plays: Int64?
  /// The first column too many that has something in it.
  private(set) var surplusStart: Int?
  private(set) var columns = 0
  var problem = Problem()

  mutating func take(_ field: Field, of bytes: Bytes, header: Header, dates: DatePolicy) {
    let start = field.content.lowerBound
    if let text = field.textAfterQuote { problem.note(.textAfterClosingQuote, at: text) }
    if columns == header.songColumn {
      song = field
    } else if columns == header.dateColumn {
      date = field
      if dates == .calendar, !CalendarDate.isReal(field.content, of: bytes) {
        problem.note(.notCalendarDate, at: start)
      }
    } else if columns == header.playsColumn {
      switch WholeNumber(field.content, of: bytes) {
      case .value(let value): plays = value
      case .outOfRange: problem.note(.playsOutOfRange, at: start)
      case .notWhole: problem.note(.playsNotWholeNumber, at: start)
      }
    } else if columns >= header.columnCount, surplusStart == nil, !field.content.isEmpty {
      surplusStart = field.start
    }
    columns += 1
  }
}

/// The problem at the smallest offset; of two at the same one, that which was noted first.
private struct Problem {
  private(set) var reason: RejectReason?
  private(set) var offset = Int.max

  mutating func note(_ reason: RejectReason, at offset: Int) {
    guard offset < self.offset else { return }
    self.reason = reason
    self.offset = offset
  }
}
