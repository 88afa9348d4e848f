/// A record that does not count, with the place of what is wrong with it.
package struct Reject: Hashable, Sendable {
  /// The exact byte that is at fault; for a wrong number of columns the start of the record, or of
  /// the first column too many.
  package var position: Position
  package var reason: RejectReason
  /// The record as it stands in the file, without its line end.
  package var raw: [UInt8]

  package init(position: Position, reason: RejectReason, raw: [UInt8]) {
    self.position = position
    self.reason = reason
    self.raw = raw
  }
}

/// Why a record was rejected.
///
/// Of several reasons the one at the smallest offset is given, and one
/// about the number of columns only where there is no other.
package enum RejectReason: Hashable, Sendable, CustomStringConvertible {
  case tooFewColumns(found: Int, needed: Int)
  case tooManyColumns(found: Int, header: Int)
  case playsNotWholeNumber
  case playsOutOfRange
  /// The byte does not begin a UTF-8 sequence, or the sequence that it begins is not finished.
  case notUTF8(UInt8)
  case nul
  case textAfterClosingQuote
  case notCalendarDate

  /// One sentence for the person who sent the file.
  package var description: String {
    switch self {
    case .tooFewColumns(let found, let needed):
      "The record has \(found) \(found == 1 ? "column" : "columns") where \(needed) are needed; "
        + "check that it was not cut off."
    case .tooManyColumns(let found, let header):
      "The record has \(found) columns and the header \(header); put quotes around a field that "
        + "holds the separator."
    case .playsNotWholeNumber:
      "The number of plays is not a whole number; write it with the digits 0 to 9 only."
    case .playsOutOfRange:
      "The number of plays does not fit 64 bits; it must be from -9223372036854775808 to "
        + "9223372036854775807."
    case .notUTF8(let byte):
      "The byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true)) is not UTF-8; "
        + "save the file as UTF-8."
    case .nul:
      "The record holds a NUL byte; remove it."
    case .textAfterClosingQuote:
      "Text follows a closing quote; write a quote inside a quoted field twice."
    case .notCalendarDate:
      "The date is not a real day written YYYY-MM-DD or YYYYMMDD; correct it."
    }
  }
}
