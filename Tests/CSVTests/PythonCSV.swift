import Subprocess

/// Python's csv module in one process for many files, as a reader that nobody here wrote.
///
/// It differs in three known points, and the tests compare around them: text after a closing quote
/// is joined to the field (`strict` tells that it is there); a quote that is never closed gives a
/// last record (`strict` tells that too); a line of no bytes is an empty record.
enum PythonCSV {
  struct Record: Equatable {
    /// Physical lines, from 1.
    var lines: ClosedRange<Int>
    var fields: [[UInt8]]
  }

  struct File: Equatable {
    /// True where the module's strict mode takes the file.
    var isStrict: Bool
    /// Without the blank lines.
    var records: [Record]
  }

  struct Failed: Error {
    var message: String
  }

  private static let script = #"""
    import csv, io, sys
    csv.field_size_limit(1 << 30)
    def is_strict(text, separator):
        try:
            list(csv.reader(io.StringIO(text, newline=''), delimiter=separator, strict=True))
            return '1'
        except csv.Error:
            return '0'
    for line in sys.stdin:
        separator, data = line.rstrip('\n').split(' ')
        separator, text = chr(int(separator)), bytes.fromhex(data).decode('utf-8')
        reader = csv.reader(io.StringIO(text, newline=''), delimiter=separator)
        records, first = [], 1
        for fields in reader:
            if fields:
                hexes = ','.join(field.encode('utf-8').hex() for field in fields)
                records.append(f'{first}-{reader.line_num}-{hexes}')
            first = reader.line_num + 1
        print(is_strict(text, separator) + ' ' + ';'.join(records))
    """#

  static func read(_ files: [(separator: UInt8, input: [UInt8])]) async throws -> [File] {
    let lines = files.map { "\($0.separator) \(hex($0.input))\n" }.joined()
    let result = try await run(
      .name("python3"), arguments: ["-I", "-c", script], input: .string(lines),
      output: .string(limit: 1 << 28), error: .string(limit: 1 << 16))
    guard result.terminationStatus.isSuccess else {
      throw Failed(message: result.standardError)
    }
    return result.standardOutput.split(separator: "\n").map(file)
  }

  private static func file(_ line: Substring) -> File {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    let records = parts[1].split(separator: ";").map { text in
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      let fields = parts[2].split(separator: ",", omittingEmptySubsequences: false)
      return Record(
        lines: (Int(parts[0]) ?? 0)...(Int(parts[1]) ?? 0), fields: fields.map(bytes))
    }
    return File(isStrict: parts[0] == "1", records: records)
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(_ hex: Substring) -> [UInt8] {
    let digits = hex.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16) ?? 0 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
