package import Foundation
import TaskModel

/// The JSON of every door: the same answer is the same bytes from watchctl and over HTTP.
///
/// Indented, with sorted keys and a final newline, for scripts and for eyes; nothing in it steers a terminal.
package enum AnswerJSON {
  package static func text(of answer: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(answer), as: UTF8.self).withInvisibleEscaped + "\n"
  }

  package static func bytes(of answer: some Encodable) throws -> Data {
    Data(try text(of: answer).utf8)
  }
}
