package import Foundation
import TaskModel

/// The JSON of every door: the same answer is the same bytes from watchctl and over HTTP.
///
/// Indented, with sorted keys and a final newline, for scripts and for eyes; nothing in it steers a terminal.
package enum AnswerJSON {
  package static func text(of answer: some Encodable) throws -> String {
    try text(of: answer, by: encoder(.prettyPrinted)) + "\n"
  }

  /// One line each, without its end.
  package static func lines(of answers: [some Encodable]) throws -> [String] {
    let encoder = encoder([])
    return try answers.map { try text(of: $0, by: encoder) }
  }

  /// A list, element by element, as `text(of:)` writes it whole; never all of it in memory.
  package struct List {
    private var isEmpty = true

    package init() {}

    /// The next elements.
    package mutating func text(of answers: [some Encodable]) throws -> String {
      var text = ""
      let encoder = encoder(.prettyPrinted)
      for answer in answers {
        let element = try AnswerJSON.text(of: answer, by: encoder)
        text += (isEmpty ? "[\n  " : ",\n  ") + element.replacing("\n", with: "\n  ")
        isEmpty = false
      }
      return text
    }

    /// What follows the last one.
    package func end() -> String { isEmpty ? "[\n\n]\n" : "\n]\n" }
  }

  private static func encoder(_ formatting: JSONEncoder.OutputFormatting) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    return encoder
  }

  private static func text(
    of answer: some Encodable, by encoder: JSONEncoder
  ) throws -> String {
    String(decoding: try encoder.encode(answer), as: UTF8.self).withInvisibleEscaped
  }

  package static func bytes(of answer: some Encodable) throws -> Data {
    Data(try text(of: answer).utf8)
  }
}
