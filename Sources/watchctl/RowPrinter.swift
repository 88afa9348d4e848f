import CSV
import TaskModel
import TaskStore

/// Prints rows as they come, as a table, CSV or JSON: memory stays bounded whatever their number.
///
/// On a terminal nothing that a field holds is written as it is, in any of the forms.
struct RowPrinter: ~Copyable {
  private let format: RowFormat
  private let terminal: Terminal
  /// Of the JSON objects.
  private let keys: [String]
  private var output = StandardOutput()
  private var csv = CSVWriter()
  private var table: TextTable
  private var isFirst = true

  /// - Parameters:
  ///   - titles: Of the columns, for table and CSV.
  ///   - keys: The same for JSON, each different from the others.
  ///   - format: Of the output.
  ///   - terminal: Where it goes.
  /// - Throws: `NobodyReads`, and what a write meets.
  init(titles: [String], keys: [String], format: RowFormat, terminal: Terminal) throws {
    self.format = format
    self.keys = keys
    self.terminal = terminal
    table = TextTable(titles: titles.map(terminal.shown), terminal: terminal)
    switch format {
    case .table: break
    case .csv: try printCSV(titles.map(Cell.text))
    case .json: try output.write("[")
    }
  }

  mutating func print(_ cells: [Cell]) throws {
    switch format {
    case .table:
      let cells = cells.map { cell in
        TextTable.Cell(text: terminal.shown(cell.text ?? "NULL"), isNumber: cell.isNumber)
      }
      try output.write(table.append(cells))
    case .csv: try printCSV(cells)
    case .json:
      let members = zip(keys, cells).map { "\(JSONText.quoted($0)): \(JSONText.of($1))" }
      try output.write((isFirst ? "\n  {" : ",\n  {") + members.joined(separator: ", ") + "}")
    }
    isFirst = false
  }

  /// Must be called at the end.
  mutating func finish() throws {
    switch format {
    case .table: try output.write(table.finish())
    case .csv: break
    case .json: try output.write(isFirst ? "]\n" : "\n]\n")
    }
    try output.flush()
  }

  private mutating func printCSV(_ cells: [Cell]) throws {
    // A record of one empty field would be a blank line, which readers skip.
    if cells.count == 1, (cells[0].text ?? "").isEmpty { return try output.write("\"\"\n") }
    for cell in cells {
      switch cell {
      case .integer(let number): csv.append(number)
      default:
        let text = cell.text ?? ""
        csv.append(terminal.width == nil ? text : text.escapedForTerminal)
      }
    }
    csv.endRecord()
    try output.write(csv.bytes)
    csv.removeAll()
  }
}

extension Terminal {
  /// A text made safe for a line of its own.
  func shown(_ text: String) -> String {
    let text = text.escapedForTerminal
    return isUTF8 || width == nil ? text : text.inASCII
  }
}

extension Cell {
  /// Nil for NULL.
  ///
  /// Bytes that are UTF-8 are text, others as SQL writes them: x'FF00'.
  var text: String? {
    switch self {
    case .null: nil
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .text(let text): text
    case .bytes(let bytes):
      String(validating: bytes, as: UTF8.self)
        ?? "x'"
        + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        + "'"
    }
  }

  var isNumber: Bool {
    switch self {
    case .integer, .real: true
    case .null, .text, .bytes: false
    }
  }
}
