import CSV
import TestSupport
import Testing

struct RandomTests {
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `random files read as the slow reader reads them, in whatever pieces`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for index in 0..<600 {
      let file = RandomFile(using: &generator, isText: false).input
      let options = Self.options(using: &generator)
      let expected = ReferenceReader.read(file, options: options)
      let note = "seed \(seed), file \(index): \(printed(file)), \(options)"
      #expect(PieceReader.read(file, options: options) == expected, "\(note), whole")
      for pass in 0..<3 {
        let cuts = Self.cuts(of: file.count, using: &generator)
        let capacity = [1, 2, 3, 4096].randomElement(using: &generator) ?? 1
        for looksAhead in [false, true] {
          let outcome = PieceReader.read(
            file, cuts: cuts, capacity: capacity, options: options, lateEnd: cuts.count % 2 == 0,
            resumes: pass == 2, looksAhead: looksAhead)
          #expect(
            outcome == expected,
            "\(note), cut at \(cuts), capacity \(capacity), ahead: \(looksAhead)")
        }
      }
    }
  }

  @Test(arguments: 301...306 as ClosedRange<UInt64>)
  func `long files of mostly plain and quoted rows read as the slow reader reads them`(
    seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    for index in 0..<40 {
      let file = RandomFile.long(using: &generator)
      let expected = ReferenceReader.read(file)
      #expect(PieceReader.read(file) == expected, "seed \(seed), file \(index): \(printed(file))")
      let cuts = Self.cuts(of: file.count, using: &generator)
      for looksAhead in [false, true] {
        #expect(
          PieceReader.read(file, cuts: cuts, capacity: 7, looksAhead: looksAhead) == expected,
          "seed \(seed), file \(index), ahead: \(looksAhead), cut at \(cuts): \(printed(file))")
      }
    }
  }

  @Test(arguments: 201...202 as ClosedRange<UInt64>)
  func `files longer than the check of their bytes looks ahead read the same`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var file = Case.header
    while file.count < 70_000 {
      let shift = Int.random(in: 0...15, using: &generator)
      let length = Int.random(in: 1...20_000, using: &generator) >> shift
      let character = ["x", "\u{E9}", "\u{20AC}", "\u{1F600}"].randomElement(using: &generator)
      file += repeated(character ?? "", length)
      file += Array(",2024-01-31,\(length)\n".utf8)
      switch Int.random(in: 0..<20, using: &generator) {
      case 0: file += [0xE2, 0x82, 0x0A]
      case 1: file += Array("\"a\n\"\"b\",c,1\r\n".utf8)
      default: continue
      }
    }
    let expected = ReferenceReader.read(file)
    #expect(PieceReader.read(file) == expected, "seed \(seed), whole")
    let cuts = Self.cuts(of: file.count, using: &generator)
    for looksAhead in [false, true] {
      #expect(
        PieceReader.read(file, cuts: cuts, looksAhead: looksAhead) == expected,
        "seed \(seed), cut at \(cuts), ahead: \(looksAhead)")
    }
  }

  @Test(arguments: 101...104 as ClosedRange<UInt64>)
  func `one changed byte in a regular file is noticed as the slow reader notices it`(
    seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    var regular = Case.header
    for row in 1...40 {
      regular += Array("Song \(row * row),2024-01-\(row % 28 + 10),\(row * row * row)\n".utf8)
    }
    for index in 0..<500 {
      var file = regular
      let place = Int.random(in: 0..<file.count, using: &generator)
      file[place] = UInt8.random(in: .min ... .max, using: &generator)
      let cut = Int.random(in: 0...file.count, using: &generator)
      let outcome = PieceReader.read(file, cuts: [cut])
      #expect(
        outcome == ReferenceReader.read(file),
        "seed \(seed), file \(index), byte \(file[place]) at \(place), cut at \(cut)")
    }
  }

  private static func options(using generator: inout SeededGenerator) -> CSVOptions {
    let isShort = Int.random(in: 0..<4, using: &generator) == 0
    let maxRecord = isShort ? Int.random(in: 0...60, using: &generator) : 16 << 20
    return CSVOptions(
      maxRecord: maxRecord, dates: Bool.random(using: &generator) ? .any : .calendar)
  }

  private static func cuts(of count: Int, using generator: inout SeededGenerator) -> [Int] {
    let most = Int.random(in: 0...12, using: &generator)
    return (0..<most).map { _ in Int.random(in: 0...count, using: &generator) }.sorted()
  }
}
