import Foundation
import Glibc

/// What standard output can show.
struct Terminal {
  /// Columns; nil where it is no terminal, and lines may have any length.
  let width: Int?
  /// Lines; nil as for `width`.
  let height: Int?
  /// The locale's character set is UTF-8.
  let isUTF8: Bool
  /// Colours are welcome: a terminal, and `NO_COLOR` is not set (https://no-color.org).
  let hasColor: Bool

  static func ofStandardOutput() -> Terminal {
    let environment = ProcessInfo.processInfo.environment
    func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
    // The first one that is set decides (locale(7)).
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].first(where: isSet).flatMap { environment[$0] }
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let size = isTerminal ? windowSize() : nil
    return Terminal(
      width: isTerminal
        ? size?.columns ?? environment["COLUMNS"].flatMap { Int($0) } ?? 80 : nil,
      height: isTerminal ? size?.lines ?? environment["LINES"].flatMap { Int($0) } ?? 24 : nil,
      isUTF8: locale.map(Self.isUTF8) ?? false,
      hasColor: isTerminal && !isSet("NO_COLOR") && environment["TERM"] != "dumb")
  }

  private static func isUTF8(_ locale: String) -> Bool {
    let name = locale.lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }

  /// Nil where the terminal does not know its size.
  private static func windowSize() -> (columns: Int, lines: Int)? {
    var size = winsize()
    // ioctl(2) writes the one struct during the call.
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return nil
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
