import CSV
import Testing

/// One line of a table: a file and what reading it must give.
struct Case: Sendable, CustomTestStringConvertible {
  let name: String
  let input: [UInt8]
  /// As `Outcome.description` prints it.
  let expected: String
  let options: CSVOptions

  /// A case whose bytes fit a line.
  ///
  /// - Parameters:
  ///   - name: Unique, from the catalogue of hostile inputs or a sentence.
  ///   - recipe: See `unescaped`; `H+` at its beginning stands for the right header line.
  ///   - expected: As `Outcome.description` prints it.
  init(_ name: String, _ recipe: String, _ expected: String) {
    let header = recipe.hasPrefix("H+") ? Self.header : []
    self.init(name, header + unescaped(String(recipe.dropFirst(header.isEmpty ? 0 : 2))), expected)
  }

  /// A case whose bytes are computed, for what is too long for a line.
  init(_ name: String, _ input: [UInt8], _ expected: String, _ options: CSVOptions = .init()) {
    self.name = name
    self.input = input
    self.expected = expected
    self.options = options
  }

  static let header = Array("Song,Date,Number of Plays\n".utf8)

  var testDescription: String { name }

  /// The case with a policy for its dates.
  func checkingDates() -> Self {
    var options = options
    options.dates = .calendar
    return Self(name, input, expected, options)
  }

  /// The case with a bound for its records.
  func limitingRecords(to maxRecord: Int) -> Self {
    var options = options
    options.maxRecord = maxRecord
    return Self(name, input, expected, options)
  }
}

func repeated(_ text: String, _ count: Int) -> [UInt8] {
  Array(repeatElement(Array(text.utf8), count: count).joined())
}
