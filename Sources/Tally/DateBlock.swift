/// The memory of a song's dates: a table, whose capacity is a power of two, of values and then date numbers plus one, 0
/// for an empty slot; or an array of values by date number, and before them a bit each for those that the song has.
///
/// A view, not an owner: `DateCells`, which says when it is freed, makes one for the length of a statement.
///
/// Why the unsafe accesses hold: `kind` and the memory behind `base` were made together, and every place is below the
/// capacity in `kind`.
@safe
struct DateBlock {
  private let base: UnsafeMutableRawPointer
  /// With `arrayFlag` for an array, whose capacity is a multiple of 64.
  private let kind: UInt32

  private static let arrayFlag: UInt32 = 1 << 31

  @inline(__always)
  init(_ cell: DateCells.Cell) {
    guard let base = unsafe UnsafeMutableRawPointer(bitPattern: Int(cell.value)) else {
      preconditionFailure("a song of several dates has a block")
    }
    unsafe self.base = base
    kind = cell.date
  }

  private init(kind: UInt32, capacity: Int, isArray: Bool) {
    self.kind = kind
    let size = Self.size(capacity, isArray: isArray)
    unsafe base = .allocate(byteCount: size, alignment: 8)
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
  }

  static func table(_ capacity: Int) -> DateBlock {
    DateBlock(kind: UInt32(capacity), capacity: capacity, isArray: false)
  }

  /// The smaller one of the two for so many dates, with room for some more.
  static func forDates(_ count: UInt32, below bound: UInt32) -> DateBlock {
    var slots = 8
    while !hasRoom(in: slots, for: count + count / 2) { slots *= 2 }
    let places = (Int(bound) + Int(bound) / 8 + 63) / 64 * 64
    guard size(places, isArray: true) <= size(slots, isArray: false) else { return table(slots) }
    return DateBlock(
      kind: UInt32(places) | arrayFlag, capacity: places, isArray: true)
  }

  func free() { unsafe base.deallocate() }

  func cell(count: UInt32) -> DateCells.Cell {
    unsafe DateCells.Cell(value: Int64(Int(bitPattern: base)), date: kind, count: count)
  }

  private var isArray: Bool { @inline(__always) get { kind & Self.arrayFlag != 0 } }
  private var capacity: Int { @inline(__always) get { Int(kind & ~Self.arrayFlag) } }

  var size: Int { Self.size(capacity, isArray: isArray) }

  private static func size(_ capacity: Int, isArray: Bool) -> Int {
    isArray ? capacity / 8 + capacity * 8 : capacity * 12
  }

  /// At least a quarter of a table stays empty, so that a search ends.
  private static func hasRoom(in slots: Int, for count: UInt32) -> Bool {
    Int(count) * 4 <= slots * 3
  }

  func hasRoom(for count: UInt32, with date: UInt32) -> Bool {
    isArray ? Int(date) < capacity : Self.hasRoom(in: capacity, for: count)
  }

  func dateCount(of cell: DateCells.Cell) -> UInt32 {
    guard isArray else { return cell.count }
    return (0..<capacity / 64).reduce(0) { $0 + UInt32(unsafe bits[$1].nonzeroBitCount) }
  }

  /// The value of a date, or nil where the song does not have it and there may be no room for it.
  @inline(__always)
  func value(on date: UInt32) -> UnsafeMutablePointer<Int64>? {
    if isArray {
      guard Int(date) < capacity else { return nil }
      unsafe bits[Int(date >> 6)] |= 1 << UInt64(date & 63)
      return unsafe arrayValues + Int(date)
    }
    var slot = Int(date) & (capacity - 1)
    while true {
      let found = unsafe dates[slot]
      if found == date &+ 1 { return unsafe tableValues + slot }
      if found == 0 { return nil }
      slot = (slot + 1) & (capacity - 1)
    }
  }

  /// Fetches what `value` will read.
  @inline(__always)
  func prefetch(_ date: UInt32) {
    if isArray {
      unsafe fetchAhead(arrayValues + Int(date))
    } else {
      let slot = Int(date) & (capacity - 1)
      unsafe fetchAhead(dates + slot)
      unsafe fetchAhead(tableValues + slot)
    }
  }

  /// Puts a date that is not there into a block that has room for it, with the value 0.
  func put(_ date: UInt32) -> UnsafeMutablePointer<Int64> {
    if isArray {
      guard let value = unsafe value(on: date) else {
        preconditionFailure("there is room for the date")
      }
      return unsafe value
    }
    var slot = Int(date) & (capacity - 1)
    while unsafe dates[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
    unsafe dates[slot] = date + 1
    unsafe tableValues[slot] = 0
    return unsafe tableValues + slot
  }

  @inline(__always)
  func forEachDate(_ body: (UInt32, Int64) -> Void) {
    if isArray {
      for word in 0..<capacity / 64 {
        var left = unsafe bits[word]
        while left != 0 {
          let date = word * 64 + left.trailingZeroBitCount
          left &= left - 1
          unsafe body(UInt32(date), arrayValues[date])
        }
      }
    } else {
      for slot in 0..<capacity where unsafe dates[slot] != 0 {
        unsafe body(dates[slot] - 1, tableValues[slot])
      }
    }
  }

  private var bits: UnsafeMutablePointer<UInt64> {
    @inline(__always) get { unsafe base.assumingMemoryBound(to: UInt64.self) }
  }
  private var arrayValues: UnsafeMutablePointer<Int64> {
    @inline(__always) get { unsafe (base + capacity / 8).assumingMemoryBound(to: Int64.self) }
  }
  private var tableValues: UnsafeMutablePointer<Int64> {
    @inline(__always) get { unsafe base.assumingMemoryBound(to: Int64.self) }
  }
  private var dates: UnsafeMutablePointer<UInt32> {
    @inline(__always) get { unsafe (base + capacity * 8).assumingMemoryBound(to: UInt32.self) }
  }
}
