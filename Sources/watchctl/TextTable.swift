/// Rows in aligned columns, fitted to the width of a terminal.
///
/// The first thousand rows decide how wide the columns are, so that any number of rows streams by; what is wider later
/// is cut on a terminal, and elsewhere pushes the rest of its line to the right.
struct TextTable {
  struct Cell {
    let text: String
    var isNumber = false
    var color: Color?
  }

  private let terminal: Terminal
  /// Columns that are of no use when they are cut.
  private let whole: Set<Int>
  private var waiting: [[Cell]]
  private var widths: [Int]?

  private static let sample = 1000
  private static let gap = 2
  /// No column is made narrower for another one's sake.
  private static let least = 6

  init(titles: [String], terminal: Terminal, whole: Set<Int> = []) {
    self.terminal = terminal
    self.whole = whole
    waiting = [titles.map { Cell(text: $0) }]
  }

  /// - Returns: What can be printed by now.
  mutating func append(_ cells: [Cell]) -> String {
    if let widths { return line(cells, widths) }
    waiting.append(cells)
    return waiting.count > Self.sample ? release() : ""
  }

  /// - Returns: What was not printed yet.
  mutating func finish() -> String { widths == nil ? release() : "" }

  private mutating func release() -> String {
    let columns = waiting.first?.count ?? 0
    let natural = (0..<columns).map { column in
      waiting.map { $0[column].text.columns }.max() ?? 0
    }
    let widths = fitted(natural)
    self.widths = widths
    // A title stands over its numbers.
    if let first = waiting.dropFirst().first {
      waiting[0] = zip(waiting[0], first).map { Cell(text: $0.text, isNumber: $1.isNumber) }
    }
    let text = waiting.map { line($0, widths) }.joined()
    waiting = []
    return text
  }

  /// Takes from the widest columns first.
  private func fitted(_ natural: [Int]) -> [Int] {
    guard let width = terminal.width, !natural.isEmpty else { return natural }
    let room = max(width - Self.gap * (natural.count - 1), natural.count)
    var widths = natural.map { min($0, room) }
    while widths.reduce(0, +) > room {
      let others = widths.indices.filter { !whole.contains($0) }
      guard let widest = others.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.least
      else { break }
      widths[widest] -= 1
    }
    return widths
  }

  private func line(_ cells: [Cell], _ widths: [Int]) -> String {
    let padded = zip(cells, widths).map { cell, wanted in
      let width = terminal.width == nil ? max(wanted, cell.text.columns) : wanted
      return terminal.colored(cell.text.padded(to: width, right: cell.isNumber), cell.color)
    }
    return padded.joined(separator: String(repeating: " ", count: Self.gap)).trimmingTrailingSpaces
      + "\n"
  }
}
