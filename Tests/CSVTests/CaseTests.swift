import CSV
import Testing

struct CaseTests {
  static let cases =
    Case.encodings + Case.newlines + Case.quoting + Case.shapes + Case.headers + Case.numbers
    + Case.dates

  @Test(arguments: cases + Case.long)
  func `a file gives what its line of the table says`(_ one: Case) {
    let outcome = PieceReader.read(one.input, options: one.options)
    #expect(outcome.description == one.expected)
    #expect(outcome == ReferenceReader.read(one.input, options: one.options))
  }

  @Test(arguments: cases + Case.long)
  func `a file gives the same byte by byte`(_ one: Case) {
    let whole = PieceReader.read(one.input, options: one.options)
    let outcome = PieceReader.read(
      one.input, cuts: 0...one.input.count, capacity: 1, options: one.options)
    #expect(outcome == whole)
  }

  @Test(arguments: cases)
  func `a file gives the same cut in two at any point`(_ one: Case) {
    let whole = PieceReader.read(one.input, options: one.options)
    for cut in 0...one.input.count {
      for (capacity, lateEnd) in [(1, false), (4096, false), (4096, true)] {
        let outcome = PieceReader.read(
          one.input, cuts: [cut], capacity: capacity, options: one.options, lateEnd: lateEnd)
        #expect(outcome == whole, "cut at \(cut), capacity \(capacity), late end \(lateEnd)")
      }
    }
  }

  @Test func `each case of the table has a name of its own`() {
    let names = (Self.cases + Case.long).map(\.name)
    #expect(Set(names).count == names.count)
  }
}
