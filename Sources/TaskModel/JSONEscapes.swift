extension String {
  /// JSON with what a terminal obeys and JSON lets stand as \u and four digits: bidirectional and other format
  /// characters, DEL and the C1 controls, the line and paragraph separators.
  ///
  /// For a program that reads it, it is the same. Line feeds stay: in JSON they stand between values only.
  package var withInvisibleEscaped: String {
    // Most answers are ASCII, whatever their size.
    if utf8.allSatisfy({ $0 < 0x7F }) { return self }
    var escaped = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control where scalar != "\n", .format, .lineSeparator, .paragraphSeparator:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: true)
          escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
