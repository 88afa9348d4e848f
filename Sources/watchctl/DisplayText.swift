/// Text measured in the columns of a terminal.
extension String {
  /// How many columns the text takes; it holds no control characters (`escapedForTerminal`).
  var columns: Int {
    // Most texts are ASCII, where a byte is a column.
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return unicodeScalars.reduce(0) { $0 + $1.columns }
  }

  /// The text, cut where it takes more columns than that; dots say so.
  func cut(to width: Int) -> String {
    guard columns > width else { return self }
    guard width > 3 else { return String(repeating: ".", count: max(0, width)) }
    var text = ""
    var used = 0
    for scalar in unicodeScalars {
      used += scalar.columns
      guard used <= width - 3 else { break }
      text.unicodeScalars.append(scalar)
    }
    return text + "..."
  }

  /// The text, cut or filled up with spaces, so that it takes exactly so many columns.
  func padded(to width: Int, right: Bool = false) -> String {
    let text = cut(to: width)
    let spaces = String(repeating: " ", count: max(0, width - text.columns))
    return right ? spaces + text : text + spaces
  }

  /// The text in ASCII, for a terminal that shows nothing else.
  var inASCII: String {
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isASCII {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      }
    }
    return text
  }

  var trimmingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension Unicode.Scalar {
  /// About what wcwidth(3) says, in every locale: marks take no column, what East Asia writes in a
  /// square, and pictures, take two (Unicode Standard Annex 11).
  fileprivate var columns: Int {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
      0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
