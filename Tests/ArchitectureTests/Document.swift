/// A page in Markdown, looked at for the names that it gives to things.
struct Document {
  let path: String
  let lines: [Substring]
  private let text: String

  init(_ path: String, _ text: String) {
    self.path = path
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// What stands in backticks within lines, outside of blocks of code, with the numbers of the lines.
  var codeSpans: [(line: Int, text: String)] {
    blocks.filter { !$0.isCode }.flatMap { line in
      let parts = line.text.split(separator: "`", omittingEmptySubsequences: false)
      // Every second part stands in backticks; the last one without an end does not.
      return parts.indices.filter { $0 % 2 == 1 && $0 < parts.count - 1 }
        .map { (line.number, String(parts[$0])) }
    }
  }

  /// The lines of blocks of code, fenced or indented by four spaces.
  var codeLines: [(line: Int, text: String)] {
    blocks.filter(\.isCode).map { ($0.number, $0.text.drop { $0 == " " }.description) }
  }

  private var blocks: [(number: Int, text: Substring, isCode: Bool)] {
    var isFenced = false
    var blocks: [(Int, Substring, Bool)] = []
    for (index, line) in lines.enumerated() {
      if line.drop(while: { $0 == " " }).hasPrefix("```") {
        isFenced.toggle()
      } else {
        blocks.append((index + 1, line, isFenced || line.hasPrefix("    ")))
      }
    }
    return blocks
  }

  /// For each table the names in backticks in its first column; a row may have several.
  var firstColumns: [[String]] {
    lines.split { !$0.hasPrefix("|") }.map { table in
      table.flatMap { row in
        let cell = row.dropFirst().prefix { $0 != "|" }
        let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
        return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
      }
    }
  }

  /// True where the flag stands somewhere as a whole.
  func mentions(flag: String) -> Bool {
    text.ranges(of: flag).contains { range in
      let after = text[range.upperBound...].first
      let before = text[..<range.lowerBound].last
      return !(after.map { $0.isLetter || $0.isNumber || $0 == "-" } ?? false)
        && !(before.map { $0.isLetter || $0.isNumber || $0 == "-" } ?? false)
    }
  }

  /// The targets of `make` that a reader is told to run.
  var makeTargets: [(line: Int, target: String)] {
    (codeSpans + codeLines).flatMap { (line, text) -> [(line: Int, target: String)] in
      var words = text.split(separator: " ")[...]
      if words.first == "$" { words.removeFirst() }
      guard words.popFirst() == "make" else { return [] }
      return words.prefix { !$0.hasPrefix("#") && $0 != "&&" && $0 != "|" && $0 != ";" }
        .filter { !$0.hasPrefix("-") && !$0.contains("=") }
        .map { (line, String($0)) }
    }
  }
}
