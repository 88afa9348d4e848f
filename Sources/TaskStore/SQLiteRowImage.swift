import GRDBSQLite
import Glibc
import PlayRows

/// Rows as a database of their own in memory: pages in SQLite's file format, ready for
/// `sqlite3_deserialize`.
///
/// Why: between two tables of one and the same definition SQLite copies rows without taking them apart (the
/// "transfer optimization", https://www.sqlite.org/src/file/src/insert.c), which spares making
/// and checking a record of each. What it copies from must be a table, and this makes one for the price of
/// copying the bytes. SQLite still writes every page of the real database.
///
/// The format: https://www.sqlite.org/fileformat2.html. Page 1 is the header and the schema, then
/// come leaves in the order of row ids, and where there are several of them, last, their root.
///
/// Why the unsafe accesses hold: the memory belongs to this one value until `take` hands it to SQLite; a page is
/// written only within its `pageSize` bytes, for `append` takes a row only where it fits.
@safe
struct SQLiteRowImage: ~Copyable {
  /// The largest there is: the fewest pages and no overflow chains.
  private static let pageSize = 65_536
  /// A row whose record is longer would need an overflow page, and is not taken.
  private static let longestRecord = 60_000
  private static let leafHeader = 8

  private var memory: UnsafeMutablePointer<UInt8>
  private var pageCapacity: Int
  /// Pages begun; the first one is written last.
  private var pageCount = 1
  /// The largest row id of each leaf; from 1 on, for the table that they are copied to gives them others.
  private var lastIDs: [Int64] = []
  private var lastID: Int64 = 0
  /// In the leaf at hand: its rows, and where the content that grows downwards begins.
  private var cellCount = 0
  private var contentStart = pageSize
  private(set) var rowCount = 0
  private let task: Int64
  /// The last row that says its song itself, and where in the memory it does.
  private var namingID: Int64 = 0
  private var naming = 0..<0
  /// SQLite had no memory to give: nothing more is taken.
  private var isBroken = false
  private var isTaken = false

  /// - Parameters:
  ///   - task: `manifest.id`.
  ///   - byteCount: About how many bytes the rows have.
  init?(task: Int64, byteCount: Int) {
    self.task = task
    pageCapacity = 4 + byteCount / (Self.pageSize * 3 / 4)
    guard let memory = unsafe sqlite3_malloc64(UInt64(pageCapacity * Self.pageSize)) else {
      return nil
    }
    unsafe self.memory = memory.assumingMemoryBound(to: UInt8.self)
  }

  deinit {
    if !isTaken { unsafe sqlite3_free(memory) }
  }

  /// Appends a row; false where it is too long, or SQLite has no memory.
  ///
  /// One with the song of the row before says only how far back it stands (`Schema.repeatedSongs`).
  @inline(__always)
  mutating func append(_ row: RowView) -> Bool {
    let id = lastID + 1
    let (songCount, dateCount) = unsafe (row.song.count, row.date.count)
    let back = Self.size(of: id - namingID)
    let isRepeated = unsafe back.bytes < songCount && isNamed(row.song)
    let songType = isRepeated ? UInt64(back.type) : UInt64(songCount * 2 + 13)
    let dateType = UInt64(dateCount * 2 + 13)
    let (taskSize, playsSize) = (Self.size(of: task), Self.size(of: row.plays))
    // Its own length and four types.
    let recordHeader = 1 + 2 + Self.varintSize(songType) + Self.varintSize(dateType)
    let record =
      recordHeader + taskSize.bytes + (isRepeated ? back.bytes : songCount) + dateCount
      + playsSize.bytes
    guard record <= Self.longestRecord, !isBroken else { return false }
    let cell =
      Self.varintSize(UInt64(record)) + Self.varintSize(UInt64(bitPattern: id)) + record
    if cellCount == 0 || contentStart - cell < Self.leafHeader + 2 * (cellCount + 1) {
      guard beginLeaf() else { return false }
    }
    contentStart -= cell
    let page = unsafe memory + (pageCount - 1) * Self.pageSize
    unsafe Self.put16(contentStart, at: page + Self.leafHeader + 2 * cellCount)
    var out = unsafe page + contentStart
    unsafe Self.putVarint(UInt64(record), at: &out)
    unsafe Self.putVarint(UInt64(bitPattern: id), at: &out)
    unsafe Self.putByte(UInt8(recordHeader), at: &out)
    unsafe Self.putByte(taskSize.type, at: &out)
    unsafe Self.putVarint(songType, at: &out)
    unsafe Self.putVarint(dateType, at: &out)
    unsafe Self.putByte(playsSize.type, at: &out)
    unsafe Self.putInteger(task, taskSize.bytes, at: &out)
    if isRepeated {
      unsafe Self.putInteger(id - namingID, back.bytes, at: &out)
    } else {
      let place = unsafe out - memory
      (namingID, naming) = (id, place..<place + songCount)
      unsafe Self.putBytes(row.song, at: &out)
    }
    unsafe Self.putBytes(row.date, at: &out)
    unsafe Self.putInteger(row.plays, playsSize.bytes, at: &out)
    cellCount += 1
    rowCount += 1
    lastID = id
    return true
  }

  @inline(__always)
  private func isNamed(_ song: UnsafeRawBufferPointer) -> Bool {
    guard naming.count == song.count, let start = song.baseAddress else { return false }
    return unsafe memcmp(memory + naming.lowerBound, start, song.count) == 0
  }

  /// Ends the image and gives its memory and size away; `sqlite3_free` is the taker's business.
  mutating func take() -> (memory: UnsafeMutablePointer<UInt8>, byteCount: Int)? {
    guard rowCount > 0, !isTaken, !isBroken, endLeaf(), writeRoot() else { return nil }
    writeSchema()
    isTaken = true
    return unsafe (memory, pageCount * Self.pageSize)
  }

  // MARK: pages

  private mutating func beginLeaf() -> Bool {
    guard cellCount == 0 || endLeaf() else { return false }
    guard addPage() else { return false }
    cellCount = 0
    contentStart = Self.pageSize
    return true
  }

  /// Writes the header of the leaf at hand.
  private mutating func endLeaf() -> Bool {
    let page = unsafe memory + (pageCount - 1) * Self.pageSize
    unsafe page[0] = 0x0D
    unsafe Self.put16(0, at: page + 1)
    unsafe Self.put16(cellCount, at: page + 3)
    // 65,536 does not fit, and is written as 0.
    unsafe Self.put16(contentStart & 0xFFFF, at: page + 5)
    unsafe page[7] = 0
    lastIDs.append(lastID)
    return true
  }

  private mutating func addPage() -> Bool {
    if pageCount == pageCapacity {
      let bigger = unsafe sqlite3_realloc64(memory, UInt64(pageCapacity * 2 * Self.pageSize))
      guard let bigger = unsafe bigger else {
        isBroken = true
        return false
      }
      unsafe memory = bigger.assumingMemoryBound(to: UInt8.self)
      pageCapacity *= 2
    }
    pageCount += 1
    return true
  }

  /// Page number of the table's root.
  private var rootPage: Int { lastIDs.count == 1 ? 2 : pageCount }

  /// Writes the page that leads to the leaves, where there are several.
  private mutating func writeRoot() -> Bool {
    guard lastIDs.count > 1 else { return true }
    guard addPage() else { return false }
    let page = unsafe memory + (pageCount - 1) * Self.pageSize
    var content = Self.pageSize
    let cells = lastIDs.count - 1
    for index in 0..<cells {
      let id = UInt64(bitPattern: lastIDs[index])
      content -= 4 + Self.varintSize(id)
      var out = unsafe page + content
      unsafe Self.put32(index + 2, at: out)
      unsafe out += 4
      unsafe Self.putVarint(id, at: &out)
      unsafe Self.put16(content, at: page + 12 + 2 * index)
    }
    unsafe page[0] = 0x05
    unsafe Self.put16(0, at: page + 1)
    unsafe Self.put16(cells, at: page + 3)
    unsafe Self.put16(content, at: page + 5)
    unsafe page[7] = 0
    unsafe Self.put32(cells + 2, at: page + 8)
    return true
  }

  /// Writes page 1: the file's header, and the table of tables with its one row.
  private func writeSchema() {
    unsafe memory.update(repeating: 0, count: Self.pageSize)
    let magic = Array("SQLite format 3\0".utf8)
    for (index, byte) in magic.enumerated() { unsafe memory[index] = byte }
    unsafe Self.put16(1, at: memory + 16)
    let bytes: [(Int, UInt8)] = [(18, 1), (19, 1), (21, 64), (22, 32), (23, 32)]
    for (offset, byte) in bytes { unsafe memory[offset] = byte }
    let words = [(24, 1), (28, pageCount), (40, 1), (44, 4), (56, 1), (92, 1), (96, 3_040_001)]
    for (offset, word) in words { unsafe Self.put32(word, at: memory + offset) }
    let texts = ["table", Schema.playRowsName, Schema.playRowsName].map { Array($0.utf8) }
    let sql = Array(Schema.playRows.utf8)
    var types = texts.map { UInt64($0.count * 2 + 13) } + [4, UInt64(sql.count * 2 + 13)]
    types.insert(UInt64(1 + types.reduce(0) { $0 + Self.varintSize($1) }), at: 0)
    let body = texts.reduce(0) { $0 + $1.count } + 4 + sql.count
    let record = Int(types[0]) + body
    let start = Self.pageSize - record - Self.varintSize(UInt64(record)) - 1
    var out = unsafe memory + start
    unsafe Self.putVarint(UInt64(record), at: &out)
    unsafe Self.putByte(1, at: &out)
    for type in types { unsafe Self.putVarint(type, at: &out) }
    for text in texts { for byte in text { unsafe Self.putByte(byte, at: &out) } }
    unsafe Self.putInteger(Int64(rootPage), 4, at: &out)
    for byte in sql { unsafe Self.putByte(byte, at: &out) }
    unsafe memory[100] = 0x0D
    unsafe Self.put16(1, at: memory + 103)
    unsafe Self.put16(start, at: memory + 105)
    unsafe Self.put16(start, at: memory + 108)
  }
}
