/// A header's value with parameters, as bytes: `form-data; name="file"; filename="a.csv"`.
struct HeaderParameters {
  /// What stands before the first semicolon, in lower case.
  let value: [UInt8]
  /// By name in lower case; of one that comes twice, the first.
  let parameters: [String: [UInt8]]

  private static let semicolon = UInt8(ascii: ";")
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  init(_ text: some Sequence<UInt8>) {
    let text = Array(text)
    var pieces: [[UInt8]] = [[]]
    var isQuoted = false
    var index = 0
    while index < text.count {
      let byte = text[index]
      if isQuoted, byte == Self.backslash, index + 1 < text.count, text[index + 1] == Self.quote {
        // Only before a quote, as older curls write it: browsers let every other one stand for itself.
        pieces[pieces.count - 1] += [Self.backslash, Self.quote]
        index += 2
        continue
      }
      if byte == Self.quote { isQuoted.toggle() }
      if byte == Self.semicolon, !isQuoted {
        pieces.append([])
      } else {
        pieces[pieces.count - 1].append(byte)
      }
      index += 1
    }
    value = pieces[0].trimmed.map(\.lowercased)
    var parameters: [String: [UInt8]] = [:]
    for piece in pieces.dropFirst() {
      guard let equals = piece.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = String(decoding: piece[..<equals].trimmed.map(\.lowercased), as: UTF8.self)
      let given = piece[(equals + 1)...].trimmed
      if parameters[name] == nil { parameters[name] = Self.unquoted(given) }
    }
    self.parameters = parameters
  }

  private static func unquoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard text.count >= 2, text.first == quote, text.last == quote else { return Array(text) }
    var plain: [UInt8] = []
    for byte in text.dropFirst().dropLast() {
      if byte == quote, plain.last == backslash { plain.removeLast() }
      plain.append(byte)
    }
    return plain
  }
}

extension MultipartReader.Part {
  /// Reads the lines of a part's head.
  init(head: [UInt8]) {
    for line in head.split(whereSeparator: { $0 == 13 || $0 == 10 }) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
        line[..<colon].trimmed.map(\.lowercased) == Array("content-disposition".utf8)
      else { continue }
      let disposition = HeaderParameters(line[(colon + 1)...])
      guard disposition.value == Array("form-data".utf8) else { return }
      field = disposition.parameters["name"]
      fileName = disposition.parameters["filename"].map(Self.decoded)
      return
    }
  }

  /// Browsers write these three as %22, %0D and %0A, and nothing else so (HTML, 4.10.21.8).
  private static func decoded(_ name: [UInt8]) -> [UInt8] {
    let escapes = ["%22": UInt8(ascii: "\""), "%0D": 13, "%0A": 10]
    var plain: [UInt8] = []
    var rest = name[...]
    while let byte = rest.first {
      let three = String(decoding: rest.prefix(3), as: UTF8.self).uppercased()
      if let escaped = escapes[three] {
        plain.append(escaped)
        rest = rest.dropFirst(3)
      } else {
        plain.append(byte)
        rest = rest.dropFirst()
      }
    }
    return plain
  }
}

extension UInt8 {
  /// ASCII only.
  fileprivate var lowercased: UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
  }
}

extension Collection<UInt8> where Self: BidirectionalCollection, SubSequence == ArraySlice<UInt8> {
  /// Without the blanks at its ends.
  fileprivate var trimmed: ArraySlice<UInt8> {
    var slice = self[...]
    while let first = slice.first, first == 32 || first == 9 { slice = slice.dropFirst() }
    while let last = slice.last, last == 32 || last == 9 { slice = slice.dropLast() }
    return slice
  }
}
