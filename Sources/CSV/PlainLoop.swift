/// The innermost loop: rows of just the header's columns, whose field ends are known.
///
/// All that a row needs is in constants and in a few numbers that move, and its branches go the same way for every row
/// of a plain file. Arithmetic wraps, for every offset lies within the buffer.
///
/// Why the unsafe accesses hold: an end that `FieldEnds` has found is an offset within the buffer, at least two bytes before
/// its end; the entry before a record's first one is that of the line end before it; no more entries are read than were
/// found, and no more rows written than there is room for; nothing moves any of this memory meanwhile.
@safe
struct PlainLoop {
  /// Of the first field end of the record at `start`.
  private(set) var entry: Int
  /// Of what lies within quotes in that record or behind it.
  private(set) var withinEntry: Int
  /// Offset of the record.
  private(set) var start: Int
  private(set) var rows = 0
  private(set) var lines = 0

  init(entry: Int, withinEntry: Int, start: Int) {
    self.entry = entry
    self.withinEntry = withinEntry
    self.start = start
  }

  /// Takes rows until their ends or the room are used up, or until one comes that is not of this kind: then the result
  /// is true.
  mutating func take(
    from bytes: Bytes, header: Header, maxRecord: Int, checksDates: Bool, into batch: inout RowBatch
  ) -> Bool {
    // What nearly all files are gets a loop of its own, in which all of this is known to the compiler.
    if header.isUsual && !batch.ends.hasQuotes && !checksDates {
      let layout = PlainLayout(
        separator: header.separator, last: 2, song: 0, date: 1, plays: 2, hasQuotes: false,
        checksDates: false, maxRecord: maxRecord)
      return take(from: bytes, layout, into: &batch)
    }
    let layout = PlainLayout(
      separator: header.separator, last: header.columnCount - 1, song: header.songColumn,
      date: header.dateColumn, plays: header.playsColumn, hasQuotes: true,
      checksDates: checksDates, maxRecord: maxRecord)
    return take(from: bytes, layout, into: &batch)
  }

  @inline(__always)
  private mutating func take(
    from bytes: Bytes, _ layout: PlainLayout, into batch: inout RowBatch
  ) -> Bool {
    let (found, room) = (batch.ends.known, batch.capacity - batch.count)
    let ends = unsafe batch.ends.ends.start
    let free = unsafe batch.free
    let origin = batch.ends.origin
    let text = unsafe bytes.start + origin
    var (entry, taken, isOther) = (entry, 0, false)
    // Of the line end before the record, from `origin`.
    var before = start &- origin &- 1

    while entry &+ layout.last < found && taken < room {
      let record = unsafe ends + entry
      let recordEnd = unsafe Int(record[layout.last])
      guard recordEnd &- before <= layout.maxRecord &+ 1,
        let row = unsafe layout.row(record, in: text, from: origin, of: bytes)
      else {
        isOther = true
        break
      }
      unsafe (free + taken).initialize(to: row)
      if layout.hasQuotes, withinEntry < batch.ends.within.count,
        batch.ends.within[withinEntry] < recordEnd
      {
        var seen = QuotedParts(entry: withinEntry)
        unsafe free[taken] = seen.finish(row, until: recordEnd, batch.ends, of: bytes)
        withinEntry = seen.entry
        lines += seen.lines
      }
      taken &+= 1
      // The line feed behind a carriage return ends no line of its own.
      let isCRLF = unsafe text[recordEnd] == .carriageReturn && text[recordEnd &+ 1] == .lineFeed
      before = recordEnd &+ (isCRLF ? 1 : 0)
      entry &+= layout.last &+ (isCRLF ? 2 : 1)
    }
    batch.appendFree(taken)
    self.entry = entry
    self.rows += taken
    lines += taken
    start = origin + before + 1
    return isOther
  }
}

/// What the rows of a file look like.
private struct PlainLayout {
  let separator: UInt8
  /// The last column, and those that are needed.
  let last: Int
  let song: Int
  let date: Int
  let plays: Int
  let hasQuotes: Bool
  let checksDates: Bool
  let maxRecord: Int

  /// The row of which `record` are the ends, or nil where it is not of just these columns, or one of them is doubtful.
  @inline(__always)
  func row(
    _ record: UnsafePointer<UInt32>, in text: UnsafePointer<UInt8>, from origin: Int,
    of bytes: Bytes
  ) -> PlayRow? {
    // Zero where a separator stands at the end of each field but the last.
    var other: UInt8 = 0
    var column = 0
    while column < last {
      other |= unsafe text[Int(record[column])] ^ separator
      column &+= 1
    }
    guard other == 0, unsafe text[Int(record[last])].endsLine else { return nil }
    let song = unsafe PlainField(song, of: record, in: text, hasQuotes: hasQuotes)
    let date = unsafe PlainField(date, of: record, in: text, hasQuotes: hasQuotes)
    let number = unsafe PlainField(plays, of: record, in: text, hasQuotes: hasQuotes)
    guard !checksDates || CalendarDate.isReal(date.range(from: origin), of: bytes),
      let plays = WholeNumber.value(number.range(from: origin), of: bytes)
    else { return nil }
    return PlayRow(
      songStart: UInt32(truncatingIfNeeded: origin &+ song.start), songLength: song.length,
      dateStart: UInt32(truncatingIfNeeded: origin &+ date.start), dateLength: date.length,
      plays: plays)
  }
}

/// What lies within the quotes of a row that is taken.
struct QuotedParts {
  /// The first one of the next row.
  private(set) var entry: Int
  /// How many lines end within quotes.
  private(set) var lines = 0

  init(entry: Int) { self.entry = entry }

  /// The row with its doubled quotes undone, its lines being counted; `end` is that of the record, from the origin
  /// of `ends`.
  @inline(never)
  mutating func finish(
    _ row: PlayRow, until end: Int, _ ends: borrowing FieldEnds, of bytes: Bytes
  ) -> PlayRow {
    var (song, date) = (row.song, row.date)
    var (songIsDoubled, dateIsDoubled) = (false, false)
    while entry < ends.within.count, ends.within[entry] < end {
      let offset = ends.origin + ends.within[entry]
      if bytes[offset] == .quote {
        if song.contains(offset) { songIsDoubled = true }
        if date.contains(offset) { dateIsDoubled = true }
      } else if bytes[offset] != .lineFeed || bytes[offset - 1] != .carriageReturn {
        lines += 1
      }
      entry += 1
    }
    if songIsDoubled { song = bytes.undoubleQuotes(in: song) }
    if dateIsDoubled { date = bytes.undoubleQuotes(in: date) }
    return PlayRow(song: song, date: date, plays: row.plays)
  }
}

/// What is in a field, without its quotes: offsets from the origin of the ends.
private struct PlainField {
  let start: Int
  let end: Int

  var length: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: end &- start) } }

  @inline(__always)
  init(
    _ column: Int, of record: UnsafePointer<UInt32>, in text: UnsafePointer<UInt8>,
    hasQuotes: Bool
  ) {
    let start = unsafe Int(record[column &- 1]) &+ 1
    let end = unsafe Int(record[column])
    // A field that begins with a quote ends with one: `FieldEnds` goes no further else.
    let quote = unsafe hasQuotes && text[start] == .quote ? 1 : 0
    self.start = start &+ quote
    self.end = end &- quote
  }

  @inline(__always)
  func range(from origin: Int) -> Range<Int> {
    unsafe Range(uncheckedBounds: (origin &+ start, origin &+ end))
  }
}
