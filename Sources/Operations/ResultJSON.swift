import Synchronization
import TaskModel

/// The rows of a result as a list in JSON, in the order of the file: a piece of text at a time, so that the memory is
/// that of a piece, however long the file and its fields are.
package final class ResultJSON: Sendable {
  private struct State {
    var rows: ResultRows
    /// What is left of a row with long fields.
    var parts: [Part] = []
    var isFirst = true
    var isEnded = false
  }

  private enum Part {
    case text(String)
    case field(ResultText)
  }

  private let content: OutboxContent
  private let state: Mutex<State>

  /// About how long a piece is; the last field of one may make it a few times that.
  private static let piece = 128 << 10

  package init(_ content: OutboxContent, stop: PassStop) throws {
    self.content = content
    var rows = ResultRows(content, from: 0, stop: stop)
    try rows.skipHeader()
    state = Mutex(State(rows: rows))
  }

  /// Some more of the text; nil at the end.
  package func next() throws -> String? {
    try state.withLock { state in
      guard !state.isEnded else { return nil }
      var text = ""
      while text.utf8.count < Self.piece {
        if !state.parts.isEmpty {
          text += try next(of: &state.parts)
        } else if let line = try state.rows.next() {
          text += state.isFirst ? "[\n" : ",\n"
          state.isFirst = false
          try add(line, to: &text, &state.parts)
        } else {
          state.isEnded = true
          return text + (state.isFirst ? "[]\n" : "\n]\n")
        }
      }
      // What goes out is what was hashed.
      try content.requireUnchanged()
      return text
    }
  }

  private func add(_ line: ResultRows.Line, to text: inout String, _ parts: inout [Part]) throws {
    guard max(line.song.place.count, line.date.place.count) > ResultField.longestShown else {
      let row = ResultRow(
        song: ResultField.text(line.song.bytes), date: ResultField.text(line.date.bytes),
        plays: line.plays)
      text += try AnswerJSON.lines(of: [row]).joined()
      return
    }
    // The same keys in the same order as the encoder's.
    parts = [
      .text("{\"date\":\""), .field(ResultText(line.date, of: content)),
      .text("\",\"plays\":\(line.plays),\"song\":\""),
      .field(ResultText(line.song, of: content)), .text("\"}"),
    ]
  }

  private func next(of parts: inout [Part]) throws -> String {
    switch parts[0] {
    case .text(let text):
      parts.removeFirst()
      return text
    case .field(var field):
      guard let bytes = try field.next() else {
        parts.removeFirst()
        return ""
      }
      parts[0] = .field(field)
      let text = String(decoding: bytes, as: UTF8.self)
      return String(try AnswerJSON.lines(of: [text]).joined().dropFirst().dropLast())
    }
  }
}
