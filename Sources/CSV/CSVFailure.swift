/// What makes a whole file useless, whatever the number of rejected records that one would allow.
package struct CSVFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The public codes of these failures are made from these cases by the caller.
  package enum Kind: Hashable, Sendable {
    /// The file has no bytes.
    case empty
    /// Another encoding than UTF-8, or no text at all.
    case encoding
    /// The first record is no header that can be used.
    case header
    /// The file ended inside quotes; the position is the opening quote's.
    case unclosedQuote
    /// A record is longer than allowed; the position is where it begins.
    case recordTooLong
  }

  package let kind: Kind
  package let position: Position
  /// One sentence: what is wrong, the line and byte, what the sender can do.
  package let sentence: String
  /// Of a record that is too long: the limit, and where quotes opened inside which it was passed.
  private let limit: Int
  private let quote: Position?

  package init(
    kind: Kind, position: Position, sentence: String, limit: Int = 0, quote: Position? = nil
  ) {
    self.kind = kind
    self.position = position
    self.sentence = sentence
    self.limit = limit
    self.quote = quote
  }

  /// The same for a reader that began so many lines further up, as one does that is given a piece of
  /// the file and counts the lines of that alone.
  package func movedDown(by lines: Int) -> Self {
    switch kind {
    case .empty, .encoding, .header: self
    case .unclosedQuote: .unclosedQuote(at: position.movedDown(by: lines))
    case .recordTooLong:
      .recordTooLong(
        at: position.movedDown(by: lines), limit: limit, quote: quote?.movedDown(by: lines))
    }
  }

  package var description: String { sentence }
}

extension CSVFailure {
  static let empty = Self(
    kind: .empty, position: .fileStart,
    sentence: "The file has no bytes; send it again, with a header line and rows.")

  static func encoding(_ content: FileContent) -> Self {
    Self(
      kind: .encoding, position: .fileStart,
      sentence: "The file is \(content.name), as its first bytes (line 1, byte 0) show; "
        + "\(content.remedy).")
  }

  /// A failure of kind `header`; the sentence is made of the problem, its place and the remedy.
  static func header(_ problem: String, at position: Position, remedy: String) -> Self {
    Self(
      kind: .header, position: position,
      sentence: "\(problem) (\(position.inWords)); \(remedy).")
  }

  static func unclosedQuote(at position: Position) -> Self {
    Self(
      kind: .unclosedQuote, position: position,
      sentence: "The quote that opens at \(position.inWords) is never closed; close it, or write "
        + "a quote inside a quoted field twice.")
  }

  /// A failure for the record at `position`; `quote` is where quotes opened inside which the limit
  /// was passed.
  static func recordTooLong(at position: Position, limit: Int, quote: Position?) -> Self {
    let inside = quote.map { ", and the quote that opens at \($0.inWords) is not closed" } ?? ""
    return Self(
      kind: .recordTooLong, position: position,
      sentence: "The record that begins at \(position.inWords) is longer than \(limit) bytes"
        + "\(inside); close its quotes and end its lines, or allow longer records.",
      limit: limit, quote: quote)
  }
}

extension Position {
  static let fileStart = Self(line: 1, column: 1, byte: 0)

  /// For sentences.
  var inWords: String { "line \(line), column \(column), byte \(byte)" }
}
