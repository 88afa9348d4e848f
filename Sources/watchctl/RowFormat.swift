import ArgumentParser

/// In which form rows are printed.
enum RowFormat: String, EnumerableFlag {
  case table
  case csv
  case json

  static func help(for value: RowFormat) -> ArgumentHelp? {
    switch value {
    case .table: "Columns for eyes, fitted to the terminal: the default."
    case .csv: "CSV with a header, every value whole."
    case .json: "JSON, an array with an object a row."
    }
  }
}
