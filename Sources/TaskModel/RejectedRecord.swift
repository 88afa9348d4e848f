/// A record that was not counted, with the exact place of what is wrong with it.
package struct RejectedRecord: Hashable, Sendable, Codable {
  /// Physical line of the place, from 1; LF, CRLF and CR each end a line, inside quotes too.
  package let line: Int
  /// Character (Unicode scalar) within that line, from 1; a byte that is not UTF-8 counts as one.
  package let column: Int
  /// Byte offset of the place in the file (unpacked), from 0.
  package let byte: Int
  /// One sentence.
  package let reason: String
  /// The record's bytes without its line end, as they stand in the file.
  package let raw: [UInt8]

  package init(line: Int, column: Int, byte: Int, reason: String, raw: [UInt8]) {
    self.line = line
    self.column = column
    self.byte = byte
    self.reason = reason
    self.raw = raw
  }
}
