/// Writes records as RFC 4180 has them, into bytes that the caller drains.
///
/// A field is put in quotes when it holds a comma, a quote, CR or LF, and only then, so that equal
/// fields give equal bytes. Hence a record of one empty field is a blank line, which readers skip:
/// write two columns or more.
package struct CSVWriter: Sendable {
  package enum LineEnding: Hashable, Sendable {
    case lf
    case crlf
  }

  /// What is written so far and was not taken.
  package private(set) var bytes: [UInt8] = []
  private let lineEnding: LineEnding
  private let escapesFormulas: Bool
  private var isInRecord = false
  /// A first field of `appendRecord`, and how it is written.
  private var field: [UInt8] = []
  private var written: [UInt8] = []

  /// Bytes of a field from which it is not worth memory to keep it.
  private static let longestKept = 4096

  /// - Parameters:
  ///   - lineEnding: Ends each record. The default is LF.
  ///   - escapeFormulas: Puts `'` before a field that begins with `=`, `+`, `-`, `@`, TAB or CR,
  ///     which a spreadsheet would run. The default is false: the field's own bytes.
  package init(lineEnding: LineEnding = .lf, escapeFormulas: Bool = false) {
    self.lineEnding = lineEnding
    escapesFormulas = escapeFormulas
  }

  package mutating func append(_ field: borrowing Span<UInt8>) {
    separate()
    if escapesFormulas, !field.isEmpty, Self.beginsFormula(field[0]) {
      // The apostrophe stands within the quotes where the field needs them.
      appendQuotedIfNeeded(field, prefix: UInt8(ascii: "'"))
    } else {
      appendQuotedIfNeeded(field, prefix: nil)
    }
  }

  /// Appends a whole record of two fields and a number.
  ///
  /// As the single calls would, in one step where the second field stands as it is; the first is that of the record before
  /// nearly always, for records come in its order, so that it is put in quotes once.
  package mutating func appendRecord(
    _ first: borrowing Span<UInt8>, _ second: borrowing Span<UInt8>, _ number: Int64
  ) {
    guard !isInRecord, !mayChange(second) else { return appendFields(first, second, number) }
    let endsWithCR = lineEnding == .crlf
    guard mayChange(first) else {
      return bytes.appendPlain(first, second, number, endsWithCR: endsWithCR)
    }
    if !field.hasBytes(of: first) {
      guard first.count <= Self.longestKept else { return appendFields(first, second, number) }
      field.removeAll(keepingCapacity: true)
      field.append(first)
      let start = bytes.count
      append(first)
      written = Array(bytes[start...])
      bytes.removeLast(written.count)
      isInRecord = false
    }
    let written = written
    bytes.appendPlain(written.span, second, number, endsWithCR: endsWithCR)
  }

  private mutating func appendFields(
    _ first: borrowing Span<UInt8>, _ second: borrowing Span<UInt8>, _ number: Int64
  ) {
    append(first)
    append(second)
    append(number)
    endRecord()
  }

  /// False where the field is written as it is.
  private func mayChange(_ field: borrowing Span<UInt8>) -> Bool {
    escapesFormulas && !field.isEmpty && Self.beginsFormula(field[0])
      || field.hasWord(where: Self.mayNeedQuotes)
  }

  package mutating func append(_ text: String) {
    append(Array(text.utf8).span)
  }

  /// Appends a number, which is never taken for a formula: a spreadsheet shows -5 as it is.
  package mutating func append(_ number: Int64) {
    separate()
    appendDigits(of: number.magnitude, isNegative: number < 0)
  }

  /// Appends a number that may exceed 64 bits, as a sum of plays does.
  package mutating func append(_ number: Int128) {
    separate()
    appendDigits(of: number.magnitude, isNegative: number < 0)
  }

  package mutating func endRecord() {
    if lineEnding == .crlf { bytes.append(.carriageReturn) }
    bytes.append(.lineFeed)
    isInRecord = false
  }

  /// Forgets what was written, once the caller has it; the memory is kept for what follows.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  private mutating func appendDigits<Magnitude: UnsignedInteger & FixedWidthInteger>(
    of magnitude: Magnitude, isNegative: Bool
  ) {
    // 39 digits and a sign are the longest that 128 bits can give.
    var text = [40 of UInt8](repeating: 0)
    var start = text.count
    var rest = magnitude
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      start -= 1
      text[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    } while rest > 0
    if isNegative {
      start -= 1
      text[start] = UInt8(ascii: "-")
    }
    bytes.append(text.span.extracting(start...))
  }

  private mutating func separate() {
    if isInRecord { bytes.append(.comma) }
    isInRecord = true
  }

  private mutating func appendQuotedIfNeeded(_ field: borrowing Span<UInt8>, prefix: UInt8?) {
    guard field.hasWord(where: Self.mayNeedQuotes) && Self.needsQuotes(field) else {
      if let prefix { bytes.append(prefix) }
      bytes.append(field)
      return
    }
    bytes.append(.quote)
    if let prefix { bytes.append(prefix) }
    for index in field.indices {
      if field[index] == .quote { bytes.append(.quote) }
      bytes.append(field[index])
    }
    bytes.append(.quote)
  }

  /// True for every word with a comma, a quote, CR or LF in it, and for some others.
  @inline(__always)
  private static func mayNeedQuotes(_ word: UInt64) -> Bool {
    let commas = Word.zeros(word ^ Word.filled(with: .comma))
    let quotes = Word.zeros(word ^ Word.filled(with: .quote))
    return commas | quotes | Word.controls(word) != 0
  }

  private static func needsQuotes(_ field: borrowing Span<UInt8>) -> Bool {
    for index in field.indices {
      let byte = field[index]
      if byte == .comma || byte == .quote || byte.endsLine { return true }
    }
    return false
  }

  private static func beginsFormula(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), .tab,
      .carriageReturn:
      true
    default: false
    }
  }
}
