/// A moment in UTC, to the millisecond, written as the manifest has it: `2026-11-23T14:58:00.123Z`.
///
/// The proleptic Gregorian calendar is computed here (days_from_civil, H. Hinnant, "chrono-compatible
/// low-level date algorithms"), because formatters follow locales and are slow.
package struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Since 1970-01-01T00:00:00Z.
  package let milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// Reads the text form; nil for anything that `description` would not write.
  package init?(_ text: String) {
    // By bytes: a task is read from the manifest several times while it runs.
    let parts = text.utf8.split(whereSeparator: { "-T:.Z".utf8.contains($0) })
      .compactMap { Int64(Substring($0)) }
    // Bounded first, so that no product of them overflows; what is left is checked by writing it.
    guard parts.count == 7, (1...12).contains(parts[1]),
      parts.allSatisfy({ (0...200_000_000).contains($0) })
    else { return nil }
    let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * ((parts[1] + 9) % 12) + 2) / 5 + parts[2] - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    let seconds = days * 86_400 + parts[3] * 3600 + parts[4] * 60 + parts[5]
    milliseconds = seconds * 1000 + parts[6]
    guard description == text else { return nil }
  }

  package var description: String {
    let (days, inDay) = milliseconds.flooredQuotientAndRemainder(by: 86_400_000)
    let shifted = days + 719_468
    let (era, dayOfEra) = shifted.flooredQuotientAndRemainder(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let seconds = inDay / 1000
    return Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(day, 2) + "T"
      + Self.padded(seconds / 3600, 2) + ":" + Self.padded(seconds / 60 % 60, 2) + ":"
      + Self.padded(seconds % 60, 2) + "." + Self.padded(inDay % 1000, 3) + "Z"
  }

  package static func - (time: Self, duration: Duration) -> Timestamp {
    Timestamp(
      milliseconds: time.milliseconds - duration.components.seconds * 1000
        - duration.components.attoseconds / 1_000_000_000_000_000)
  }

  package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int64 {
  /// Division that rounds down, so that times before 1970 fall on the right day.
  fileprivate func flooredQuotientAndRemainder(by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
