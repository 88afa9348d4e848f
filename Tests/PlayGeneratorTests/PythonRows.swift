import Subprocess

/// What Python's csv module, in its strict mode, finds in a file behind the header.
struct PythonRows {
  let rows: Int
  /// How many titles hold a comma, a quote and a line end.
  let commas: Int
  let quotes: Int
  let lineEnds: Int
  /// How many pairs of a song and a date there are.
  let pairs: Int

  struct Failed: Error {
    let message: String
  }

  private static let script = #"""
    import csv, datetime, io, sys
    text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')
    rows = list(csv.reader(text, strict=True))
    assert rows.pop(0) == ['Song', 'Date', 'Number of Plays']
    for song, date, plays in rows:
        datetime.date.fromisoformat(date)
        assert song and song == song.strip() and plays.isdigit(), (song, plays)
    print(len(rows), *(sum(mark in row[0] for row in rows) for mark in ',"\n'),
          len({(song, date) for song, date, plays in rows}))
    """#

  init(_ file: [UInt8]) async throws {
    let result = try await run(
      .name("python3"), arguments: ["-I", "-c", Self.script], input: .array(file),
      output: .string(limit: 1 << 10), error: .string(limit: 1 << 16))
    let numbers = result.standardOutput.split { $0.isWhitespace }.compactMap { Int($0) }
    guard result.terminationStatus.isSuccess, numbers.count == 5 else {
      throw Failed(message: result.standardError)
    }
    (rows, commas, quotes) = (numbers[0], numbers[1], numbers[2])
    (lineEnds, pairs) = (numbers[3], numbers[4])
  }
}
