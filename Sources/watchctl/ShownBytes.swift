import TaskModel

/// The bytes of a CSV on their way to a terminal: what a field holds must not move its cursor, so it is written out.
///
/// Line ends stay. Lines are shown whole, for a letter may be cut where a piece of the file ends.
struct ShownBytes {
  private var waiting: [UInt8] = []

  /// - Returns: What can be shown by now.
  mutating func add(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    waiting += bytes
    guard let end = waiting.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    defer { waiting.removeSubrange(...end) }
    return Self.shown(waiting[...end])
  }

  /// - Returns: What follows the last line end.
  mutating func finish() -> [UInt8] {
    defer { waiting = [] }
    return Self.shown(waiting[...])
  }

  private static func shown(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let shown = lines.map { line in
      let isCRLF = line.last == UInt8(ascii: "\r")
      let text = FileName.text(of: Array(isCRLF ? line.dropLast() : line)).escapedForTerminal
      return Array(text.utf8) + (isCRLF ? [UInt8(ascii: "\r")] : [])
    }
    return Array(shown.joined(separator: [UInt8(ascii: "\n")]))
  }
}
