import ContentHash
import TestSupport
import Testing

@testable import CSV

struct RecordCutterTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func
    `a cut lies behind the last record that is whole, or of those that can be looked through ahead the last`(
      seed: UInt64
    )
  {
    var generator = SeededGenerator(seed: seed)
    var found = 0
    for index in 0..<150 {
      let whole =
        index % 3 == 0
        ? RandomFile(using: &generator, isText: true).input : RandomFile.long(using: &generator)
      var file = Array(whole.prefix(Int.random(in: 0...whole.count, using: &generator)))
      let ends = Self.recordEnds(of: file)
      let note = "seed \(seed), file \(index): \(printed(file))"
      var cutter = RecordCutter(separator: .comma)
      var span = file.mutableSpan
      let last = cutter.lastRecordEnd(in: &span, upTo: span.count)
      let first = cutter.firstRecordEnd(in: &span)
      #expect(last == ends.last, "\(note)")
      #expect(first == ends.first, "\(note)")
      var fields = FieldEnds()
      var hash = ContentHash()
      fields.lookAhead(in: &span, separator: .comma, hashing: 0..<0, into: &hash)
      if let ahead = fields.lastRecordEnd(in: &span) {
        let missed = ends.filter { $0 > ahead && $0 <= span.count / 64 * 64 }
        #expect(
          ends.contains(ahead) && missed.isEmpty, "cut at \(ahead), not at \(missed), \(note)")
        found += 1
      }
    }
    // Most of the files are such that can be.
    #expect(found > 20)
  }

  /// Behind each line end outside quotes; one byte at a time.
  private static func recordEnds(of file: [UInt8]) -> [Int] {
    var (ends, isQuoted, isFieldStart) = ([Int](), false, true)
    for (offset, byte) in file.enumerated() {
      if isQuoted {
        // The second of two quotes opens the field again.
        if byte == .quote { isQuoted = false }
        isFieldStart = byte == .quote
      } else if byte == .quote, isFieldStart {
        isQuoted = true
      } else {
        let isLineEnd = byte == .lineFeed || byte == .carriageReturn
        let next = offset + 1 < file.count ? file[offset + 1] : nil
        if byte == .lineFeed || (byte == .carriageReturn && next != nil && next != .lineFeed) {
          ends.append(offset + 1)
        }
        isFieldStart = isLineEnd || byte == .comma
      }
    }
    return ends
  }
}
