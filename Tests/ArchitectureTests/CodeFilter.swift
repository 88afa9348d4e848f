/// Takes comments and the text of string literals out of Swift source, so that the rules see code only.
///
/// Each byte that is taken out becomes a space and line ends stay, so that lines keep their numbers.
/// What an interpolation holds is code and stays. The letters of a name in backticks become
/// underscores, for such names are sentences here. Regex literals are taken for code.
struct CodeFilter {
  private enum Mode {
    /// Parentheses that are open; in an interpolation the one that closes it is one more.
    case code(open: Int, isInterpolation: Bool)
    case text(hashes: Int, isMultiline: Bool)
  }

  private let source: [UInt8]
  private var at = 0
  private var code: [UInt8] = []
  private var modes: [Mode] = [.code(open: 0, isInterpolation: false)]

  private init(_ text: String) {
    source = Array(text.utf8)
    code.reserveCapacity(source.count)
  }

  static func code(of text: String) -> String {
    var filter = CodeFilter(text)
    while filter.at < filter.source.count { filter.step() }
    return String(decoding: filter.code, as: UTF8.self)
  }

  private mutating func step() {
    switch modes.last {
    case .text(let hashes, let isMultiline):
      stepInText(hashes: hashes, isMultiline: isMultiline)
    case .code(let open, let isInterpolation):
      stepInCode(open: open, isInterpolation: isInterpolation)
    case nil:
      preconditionFailure("the outermost mode is never left")
    }
  }

  private mutating func stepInCode(open: Int, isInterpolation: Bool) {
    switch source[at] {
    case UInt8(ascii: "/") where sees("//"):
      while at < source.count, source[at] != UInt8(ascii: "\n") { blank(1) }
    case UInt8(ascii: "/") where sees("/*"):
      blankBlockComment()
    case UInt8(ascii: "#"), UInt8(ascii: "\""):
      beginText()
    case UInt8(ascii: "`"):
      copyName()
    case UInt8(ascii: ")") where isInterpolation && open == 0:
      modes.removeLast()
      blank(1)
    case UInt8(ascii: "("):
      modes[modes.count - 1] = .code(open: open + 1, isInterpolation: isInterpolation)
      copy()
    case UInt8(ascii: ")"):
      modes[modes.count - 1] = .code(open: open - 1, isInterpolation: isInterpolation)
      copy()
    default:
      copy()
    }
  }

  private mutating func stepInText(hashes: Int, isMultiline: Bool) {
    switch source[at] {
    case UInt8(ascii: "\\"):
      let marks = "\\" + String(repeating: "#", count: hashes)
      if sees(marks + "(") {
        modes.append(.code(open: 0, isInterpolation: true))
        blank(hashes + 2)
      } else {
        blank(sees(marks) ? hashes + 2 : 1)
      }
    case UInt8(ascii: "\""):
      let end = (isMultiline ? "\"\"\"" : "\"") + String(repeating: "#", count: hashes)
      if sees(end) { modes.removeLast() }
      blank(sees(end) ? end.utf8.count : 1)
    default:
      if sees("\n"), !isMultiline { modes.removeLast() }
      blank(1)
    }
  }

  /// A string, where quotes follow here or after some `#`; otherwise a `#` is code.
  private mutating func beginText() {
    var hashes = 0
    while sees("#", ahead: hashes) { hashes += 1 }
    guard sees("\"", ahead: hashes) else { return copy() }
    let isMultiline = sees("\"\"\"", ahead: hashes)
    modes.append(.text(hashes: hashes, isMultiline: isMultiline))
    blank(hashes + (isMultiline ? 3 : 1))
  }

  private mutating func copyName() {
    copy()
    while at < source.count, !sees("`"), !sees("\n") {
      code.append(UInt8(ascii: "_"))
      at += 1
    }
    copy()
  }

  private mutating func blankBlockComment() {
    var depth = 0
    repeat {
      if sees("/*") {
        depth += 1
        blank(2)
      } else if sees("*/") {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && at < source.count
  }

  private func sees(_ text: String, ahead: Int = 0) -> Bool {
    source[min(at + ahead, source.count)...].starts(with: text.utf8)
  }

  private mutating func blank(_ count: Int) {
    for byte in source[at..<min(at + count, source.count)] {
      code.append(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
    }
    at = min(at + count, source.count)
  }

  private mutating func copy() {
    guard at < source.count else { return }
    code.append(source[at])
    at += 1
  }
}
