import CSV

/// All that reading a file gave, as values that can be compared and printed.
struct Outcome: Equatable, CustomStringConvertible {
  struct Row: Equatable {
    var song: [UInt8]
    var date: [UInt8]
    var plays: Int64
  }

  struct Failure: Equatable {
    var kind: CSVFailure.Kind
    var position: Position
  }

  var header: Header?
  var rows: [Row] = []
  var rejects: [Reject] = []
  var failure: Failure?
  var rowsRead = 0
  var rowsRejected = 0

  /// `song|date|plays` for each row, `!line:column@byte reason` for each reject, `X kind
  /// line:column@byte` for a failure, with `; ` between them; bytes that do not print as `\xHH`.
  var description: String {
    let rows = rows.map { "\(printed($0.song))|\(printed($0.date))|\($0.plays)" }
    let rejects = rejects.map { "!\(place($0.position)) \($0.reason.word)" }
    let failure = failure.map { ["X \($0.kind) \(place($0.position))"] } ?? []
    return (rows + rejects + failure).joined(separator: "; ")
  }

  private func place(_ position: Position) -> String {
    "\(position.line):\(position.column)@\(position.byte)"
  }
}

extension RejectReason {
  /// The case's name with its values, for tables.
  fileprivate var word: String {
    switch self {
    case .tooFewColumns(let found, let needed): "few(\(found)/\(needed))"
    case .tooManyColumns(let found, let header): "many(\(found)/\(header))"
    case .playsNotWholeNumber: "number"
    case .playsOutOfRange: "range"
    case .notUTF8(let byte): "utf8(\(String(byte, radix: 16)))"
    case .nul: "nul"
    case .textAfterClosingQuote: "text"
    case .notCalendarDate: "date"
    }
  }
}

/// The bytes as ASCII, with what does not print as `\xHH`.
func printed(_ bytes: [UInt8]) -> String {
  var text = ""
  for byte in bytes {
    if byte >= 0x20 && byte < 0x7F {
      text.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      text += (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16)
    }
  }
  return text
}

/// The bytes of a recipe: `\n`, `\r`, `\t` and `\xHH` stand for themselves, all else is UTF-8.
func unescaped(_ recipe: String) -> [UInt8] {
  var bytes: [UInt8] = []
  var rest = Array(recipe.utf8)[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "\\") else {
      bytes.append(byte)
      continue
    }
    switch rest.popFirst() {
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "x"):
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      rest = rest.dropFirst(2)
      guard let value = UInt8(digits, radix: 16) else {
        preconditionFailure("a recipe's \\x needs two hexadecimal digits")
      }
      bytes.append(value)
    case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
    default: preconditionFailure("a recipe has an escape that is not known")
    }
  }
  return bytes
}
