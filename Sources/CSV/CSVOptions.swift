/// What the reader is told about a file.
package struct CSVOptions: Hashable, Sendable {
  /// The longest record in bytes, line end not counted.
  ///
  /// The default is 16 MiB, the most 2 GiB, for rows have offsets of 32 bits. A longer record fails
  /// the file, so that one stray quote cannot ask for memory without limit.
  package var maxRecord: Int = 16 << 20
  /// What a date must look like; the default is `any`.
  package var dates: DatePolicy = .any

  package init() {}

  package init(maxRecord: Int, dates: DatePolicy = .any) {
    self.maxRecord = maxRecord
    self.dates = dates
  }

  static let maxRecordRange = 0...2 << 30
}

/// What is asked of the date column.
package enum DatePolicy: Hashable, Sendable {
  /// Nothing: the date is bytes, kept as they are.
  case any
  /// A real day, 0001-01-01 to 9999-12-31 of the Gregorian calendar (reckoned backwards before
  /// 1582), written YYYY-MM-DD or YYYYMMDD, without anything around it.
  case calendar
}

/// The calendar check, on bytes: formatters follow locales and roll 30 February over into March.
enum CalendarDate {
  static func isReal(_ range: Range<Int>, of bytes: Bytes) -> Bool {
    let start = range.lowerBound
    let monthAt: Int
    let dayAt: Int
    switch range.count {
    case 8:
      (monthAt, dayAt) = (start + 4, start + 6)
    case 10:
      let dash = UInt8(ascii: "-")
      guard bytes[start + 4] == dash, bytes[start + 7] == dash else { return false }
      (monthAt, dayAt) = (start + 5, start + 8)
    default:
      return false
    }
    guard let century = number(at: start, of: bytes), let years = number(at: start + 2, of: bytes),
      let month = number(at: monthAt, of: bytes), let day = number(at: dayAt, of: bytes)
    else { return false }
    let year = century * 100 + years
    return year >= 1 && month >= 1 && month <= 12 && day >= 1
      && day <= length(ofMonth: month, year: year)
  }

  /// The value of two ASCII digits.
  private static func number(at offset: Int, of bytes: Bytes) -> Int? {
    let tens = bytes[offset] &- UInt8(ascii: "0")
    let units = bytes[offset + 1] &- UInt8(ascii: "0")
    return tens <= 9 && units <= 9 ? Int(tens) * 10 + Int(units) : nil
  }

  private static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
