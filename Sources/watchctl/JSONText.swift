import TaskStore

/// JSON of single values, for what is printed row by row.
enum JSONText {
  static func of(_ cell: Cell) -> String {
    switch cell {
    case .null: "null"
    case .integer(let number): "\(number)"
    // JSON has no infinity; a number that is too large reads as one (SQLite's shell does the same).
    case .real(let number): number.isFinite ? "\(number)" : number < 0 ? "-9e999" : "9e999"
    case .text, .bytes: quoted(cell.text ?? "")
    }
  }

  /// A string with everything escaped that could move a terminal's cursor or reorder a line; for a program
  /// that reads it, it is the same.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      default: quoted += escaped(scalar)
      }
    }
    return quoted + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    if scalar.isASCII, scalar.value >= 0x20, scalar.value != 0x7F { return String(scalar) }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      return UTF16.encode(scalar)?.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }.joined() ?? ""
    default: return String(scalar)
    }
  }
}
