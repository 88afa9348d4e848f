import TestSupport
import Testing

@testable import CSV

struct RecordCutterTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `a cut lies between two records, and only in the last 64 bytes is there another one`(
    seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    for index in 0..<150 {
      let whole =
        index % 3 == 0
        ? RandomFile(using: &generator, isText: true).input : RandomFile.long(using: &generator)
      var file = Array(whole.prefix(Int.random(in: 0...whole.count, using: &generator)))
      let ends = Self.recordEnds(of: file)
      var cutter = RecordCutter(separator: .comma)
      var span = file.mutableSpan
      let last = cutter.lastRecordEnd(in: &span, upTo: span.count)
      let first = cutter.firstRecordEnd(in: &span)
      let note = "seed \(seed), file \(index): \(printed(file))"
      #expect((last == nil) == ends.isEmpty, "\(note)")
      if let last {
        let missed = ends.filter { $0 > last && $0 <= file.count / 64 * 64 }
        #expect(ends.contains(last) && missed.isEmpty, "cut at \(last), not at \(missed), \(note)")
      }
      #expect(first == ends.first, "\(note)")
    }
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
