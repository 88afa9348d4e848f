import TaskModel

/// Sums as pictures of characters: block elements of Unicode, or ASCII where the locale is not UTF-8.
struct Plot {
  private let terminal: Terminal
  private let width: Int

  init(terminal: Terminal) {
    self.terminal = terminal
    width = max(20, terminal.width ?? 80)
  }

  /// One bar a name, as long as its part of the largest sum; what is below zero has none.
  func bars(_ sums: [(name: String, sum: Int128)]) -> String {
    let names = sums.map { label($0.name) }
    let numbers = sums.map { "\($0.sum)" }
    let nameWidth = min(names.map(\.columns).max() ?? 0, width / 3)
    let numberWidth = numbers.map(\.count).max() ?? 0
    let room = max(4, width - nameWidth - numberWidth - 4)
    let largest = max(1, sums.map(\.sum).max() ?? 1)
    var text = ""
    for (index, entry) in sums.enumerated() {
      let part = max(0, Double(entry.sum) / Double(largest))
      text += names[index].padded(to: nameWidth) + "  " + bar(part, room).padded(to: room) + "  "
      text += numbers[index].padded(to: numberWidth, right: true) + "\n"
    }
    return text
  }

  /// The dates in their order as one line of heights; where they are too many, neighbours are added up.
  func line(_ sums: [(name: String, sum: Int128)]) -> String {
    guard let first = sums.first, let last = sums.last else { return "" }
    // The same number of dates a column, or the line would go up and down by itself.
    let each = (sums.count + width - 1) / width
    var heights = [Int128](repeating: 0, count: (sums.count + each - 1) / each)
    for (index, entry) in sums.enumerated() { heights[index / each] += entry.sum }
    let largest = max(1, heights.max() ?? 1)
    let levels = Array(terminal.isUTF8 ? "▁▂▃▄▅▆▇█" : "_.-=+*%#")
    let line = heights.map { height in
      let level = Int(Double(max(0, height)) / Double(largest) * Double(levels.count))
      return height <= 0 ? " " : String(levels[min(levels.count - 1, level)])
    }
    let total = sums.reduce(0) { $0 + $1.sum }
    let dates = sums.count == 1 ? "1 date" : "\(sums.count) dates"
    return line.joined() + "\n" + "\(label(first.name)) to \(label(last.name))".cut(to: width)
      + "\n"
      + "\(dates), \(total) plays; at most \(largest) \(each == 1 ? "a date" : "in \(each) dates")\n"
  }

  private func bar(_ part: Double, _ room: Int) -> String {
    guard terminal.isUTF8 else {
      return String(repeating: "#", count: Int((part * Double(room)).rounded()))
    }
    // In eighths of a column.
    let eighths = Int((part * Double(room) * 8).rounded())
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return String(repeating: "█", count: eighths / 8) + rest
  }

  /// In a line with a picture even a pipe gets ASCII where the locale says so.
  private func label(_ name: String) -> String {
    let text = name.escapedForTerminal
    return terminal.isUTF8 ? text : text.inASCII
  }
}
