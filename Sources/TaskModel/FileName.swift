/// The name of one directory entry: bytes, as Linux has it, never empty, without "/" and NUL.
///
/// Names come from outside. They are never joined into a path: every use goes through a directory
/// handle (`openat` and its family), and everything that shows one uses `text` or `shown`.
package struct FileName: Hashable, Sendable, Comparable {
  package let bytes: [UInt8]

  /// Makes a name of bytes; nil for what cannot name an entry of a directory ("." and ".." neither).
  package init?(bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    guard (1...255).contains(bytes.count), !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")),
      bytes != [UInt8(ascii: ".")], bytes != Array("..".utf8)
    else { return nil }
    self.bytes = bytes
  }

  package init?(_ text: String) {
    self.init(bytes: text.utf8)
  }

  /// The name as text for the manifest and for JSON.
  ///
  /// Exact where the name is UTF-8; where it is not, each byte that does not belong shows as `\xFF`.
  /// Not reversible, so the bytes are kept beside it.
  package var text: String { Self.text(of: bytes) }

  /// The same of any bytes, as those of a path.
  package static func text(of bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      do throws(UTF8.ValidationError) {
        let valid = try UTF8Span(validating: Array(rest).span)
        text += String(copying: valid)
        rest = []
      } catch {
        let good = rest.prefix(error.byteOffsets.lowerBound)
        text += String(decoding: good, as: UTF8.self)
        let bad = rest.dropFirst(good.count).prefix(error.byteOffsets.count)
        for byte in bad { text += "\\x" + String(byte, radix: 16, uppercase: true) }
        rest = rest.dropFirst(good.count + bad.count)
      }
    }
    return text
  }

  /// The name made safe for a terminal or a log line.
  package var shown: String { text.escapedForTerminal }

  package static func < (left: Self, right: Self) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  package func hasSuffix(_ suffix: String) -> Bool {
    bytes.count > suffix.utf8.count && bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }
}

extension String {
  /// The text with every control, format and line-separating character written as `\u{...}`.
  ///
  /// What a file name or a field holds must not move a terminal's cursor, reorder a line (bidirectional
  /// controls) or begin a new log line: contract, promise 6.
  package var escapedForTerminal: String {
    var escaped = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        escaped += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      default:
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
