/// Sizes in bytes as people write them: `65536`, `16MiB`, `2 GiB`, `1GB`.
package enum ByteSize {
  /// Units by their text in lower case; i means powers of 1024, as IEC 80000-13 has it.
  private static let units: [String: Int] = [
    "": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
    "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "k": 1 << 10, "m": 1 << 20,
    "g": 1 << 30, "t": 1 << 40,
  ]

  /// The number of bytes; nil where the text is no size or does not fit.
  package static func parse(_ text: String) -> Int? {
    guard let (number, unit) = numberAndUnit(text), let factor = units[unit.lowercased()] else {
      return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  /// A size for people: `1.4 MiB`.
  package static func shown(_ bytes: Int64) -> String {
    guard bytes >= 1024 else { return "\(bytes) B" }
    var value = Double(bytes)
    var unit = 0
    let names = ["B", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024, unit < names.count - 1 {
      value /= 1024
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(names[unit])"
  }
}

extension Duration {
  private static let units: [String: Duration] = [
    "ms": .milliseconds(1), "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600),
    "d": .seconds(86_400),
  ]

  /// Reads a time as people write it: `500ms`, `10s`, `5m`, `2h`, `30d`; the unit is required.
  package init?(setting text: String) {
    guard let (number, unit) = numberAndUnit(text), number <= 1_000_000_000,
      let factor = Self.units[unit]
    else { return nil }
    self = factor * number
  }
}

/// Splits `16 MiB` into its digits and what follows them.
private func numberAndUnit(_ text: String) -> (Int, String)? {
  let digits = text.prefix { ("0"..."9").contains($0) }
  guard let number = Int(digits) else { return nil }
  return (number, String(text[digits.endIndex...].drop { $0 == " " }))
}
