package import Foundation

/// The JSON of every door: the same answer is the same bytes from watchctl and over HTTP.
///
/// Indented, with sorted keys and a final newline, for scripts and for eyes.
package enum AnswerJSON {
  package static func bytes(of answer: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(answer) + [UInt8(ascii: "\n")]
  }

  package static func text(of answer: some Encodable) throws -> String {
    String(decoding: try bytes(of: answer), as: UTF8.self)
  }
}
