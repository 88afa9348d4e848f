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
  /// Columns that are left out where there is no room for all, the first of these first.
  private let dispensable: [Int]
  private var columns: [Int] = []
  private var waiting: [(cells: [Cell], below: String?)]
  private var widths: [Int]?

  private static let sample = 1000
  private static let gap = 2
  /// No column is made narrower for another one's sake.
  private static let least = 6

  /// Before another column is made narrower than this, a dispensable one goes.
  private static let legible = 18

  init(
    titles: [String], terminal: Terminal, whole: Set<Int> = [], dispensable: [Int] = []
  ) {
    self.terminal = terminal
    self.whole = whole
    self.dispensable = dispensable
    waiting = [(titles.map { Cell(text: $0) }, nil)]
  }

  /// - Parameters:
  ///   - cells: Of the row.
  ///   - below: A line of its own that belongs to it.
  /// - Returns: What can be printed by now.
  mutating func append(_ cells: [Cell], below: String? = nil) -> String {
    if let widths { return lines(cells, below, widths) }
    waiting.append((cells, below))
    return waiting.count > Self.sample ? release() : ""
  }

  /// - Returns: What was not printed yet.
  mutating func finish() -> String { widths == nil ? release() : "" }

  private mutating func release() -> String {
    let natural = (waiting.first?.cells ?? []).indices.map { column in
      waiting.map { $0.cells[column].text.columns }.max() ?? 0
    }
    columns = chosen(natural)
    let widths = fitted(columns.map { natural[$0] })
    self.widths = widths
    // A title stands over its numbers.
    if let first = waiting.dropFirst().first {
      waiting[0].cells = zip(waiting[0].cells, first.cells).map {
        Cell(text: $0.text, isNumber: $1.isNumber)
      }
    }
    let text = waiting.map { lines($0.cells, $0.below, widths) }.joined()
    waiting = []
    return text
  }

  /// The columns for which there is room.
  private func chosen(_ natural: [Int]) -> [Int] {
    var columns = Array(natural.indices)
    guard let width = terminal.width else { return columns }
    var rest = dispensable[...]
    while let next = rest.popFirst() {
      let needed = columns.map { whole.contains($0) ? natural[$0] : min(natural[$0], Self.legible) }
      if needed.reduce(0, +) + Self.gap * (columns.count - 1) <= width { break }
      columns.removeAll { $0 == next }
    }
    return columns
  }

  /// Takes from the widest columns first.
  private func fitted(_ natural: [Int]) -> [Int] {
    guard let width = terminal.width, !natural.isEmpty else { return natural }
    let room = max(width - Self.gap * (natural.count - 1), natural.count)
    var widths = natural.map { min($0, room) }
    while widths.reduce(0, +) > room {
      let others = widths.indices.filter { !whole.contains(columns[$0]) }
      guard let widest = others.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.least
      else { break }
      widths[widest] -= 1
    }
    return widths
  }

  private func lines(_ cells: [Cell], _ below: String?, _ widths: [Int]) -> String {
    let padded = zip(columns.map { cells[$0] }, widths).map { cell, wanted in
      let width = terminal.width == nil ? max(wanted, cell.text.columns) : wanted
      return terminal.colored(cell.text.padded(to: width, right: cell.isNumber), cell.color)
    }
    return padded.joined(separator: String(repeating: " ", count: Self.gap)).trimmingTrailingSpaces
      + "\n" + (below.map { $0.cut(to: terminal.width ?? .max) + "\n" } ?? "")
  }
}
