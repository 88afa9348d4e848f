import CSV
import TestSupport

/// Small changes of files, the same for a seed on every run.
enum Mutation {
  struct Specimen {
    var bytes: [UInt8]
    var options: CSVOptions
  }

  /// Longer ones say nothing that a shorter one does not, and take their time.
  private static let longest = 1500
  /// What the rules are about.
  private static let tokens: [[UInt8]] =
    [
      "\"", "\"\"", ",", "\n", "\r", "\r\n", "\"\n", ",\"", "\",", ";", "\t", "|", " ", "0", "-",
      "+",
      "9223372036854775807", "9223372036854775808", "-9223372036854775808", "2024-02-30",
      "20240229", "Song", "Date", "Number of Plays", "\u{E9}", "\u{1F600}",
      "Song,Date,Number of Plays\n",
      "a,2024-01-01,1\n",
    ].map { Array($0.utf8) } + [
      [0], [0xFF], [0xC3], [0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF],
      [0x1F, 0x8B], [0xFF, 0xFE],
    ]

  /// A file of the corpus after one to eight changes; seldom one that grew from nothing but chance.
  static func next(
    of corpus: [Specimen], using generator: inout SeededGenerator
  ) -> Specimen {
    var specimen = pick(corpus, &generator)
    if Int.random(in: 0..<16, using: &generator) == 0 {
      specimen.bytes = RandomFile(using: &generator, isText: false).input
    }
    for _ in 0..<(1 << Int.random(in: 0...3, using: &generator)) {
      change(&specimen.bytes, corpus, &generator)
    }
    if specimen.bytes.count > longest { specimen.bytes.removeSubrange(longest...) }
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: specimen.options.dates = .calendar
    case 1: specimen.options.maxRecord = Int.random(in: 0...40, using: &generator)
    case 2: specimen.options = CSVOptions()
    default: break
    }
    return specimen
  }

  /// Ascending ends of pieces.
  static func cuts(of count: Int, using generator: inout SeededGenerator) -> [Int] {
    let most = Int.random(in: 0...6, using: &generator)
    return (0..<most).map { _ in Int.random(in: 0...count, using: &generator) }.sorted()
  }

  private static func change(
    _ bytes: inout [UInt8], _ corpus: [Specimen], _ generator: inout SeededGenerator
  ) {
    let place = Int.random(in: 0...bytes.count, using: &generator)
    let length = Int.random(
      in: 0...(1 << Int.random(in: 0...6, using: &generator)), using: &generator)
    let range = place..<min(bytes.count, place + length)
    switch Int.random(in: 0..<9, using: &generator) {
    case 0 where place < bytes.count:
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1 where place < bytes.count: bytes[place] = .random(in: .min ... .max, using: &generator)
    case 2, 3: bytes.insert(contentsOf: pick(tokens, &generator), at: place)
    case 4: bytes.replaceSubrange(range, with: pick(tokens, &generator))
    case 5: bytes.removeSubrange(range)
    case 6:
      bytes.insert(contentsOf: bytes[range], at: Int.random(in: 0...bytes.count, using: &generator))
    case 7: moveToBorder(&bytes, from: place, &generator)
    default:
      // The end of another file behind the beginning of this one.
      let other = pick(corpus, &generator).bytes
      bytes.replaceSubrange(
        place..., with: other.suffix(Int.random(in: 0...other.count, using: &generator)))
    }
  }

  /// Fills in before a quote, so that it is the last of 64 bytes from the beginning of some line on, and has something
  /// behind it: the parser looks at so many at a time, and has to know of these when it looks at the next.
  private static func moveToBorder(
    _ bytes: inout [UInt8], from place: Int, _ generator: inout SeededGenerator
  ) {
    guard let quote = bytes[place...].firstIndex(of: UInt8(ascii: "\"")) else { return }
    let starts =
      [0]
      + bytes[..<quote].indices.filter {
        [UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(bytes[$0])
      }.map { $0 + 1 }
    if Bool.random(using: &generator) {
      bytes.insert(contentsOf: pick(tokens, &generator), at: quote + 1)
    }
    let missing = 63 - (quote - pick(starts, &generator)) % 64
    bytes.insert(contentsOf: repeatElement(UInt8(ascii: "a"), count: missing), at: quote)
    // The last few bytes of a file are looked at one by one.
    for _ in 0..<8 { bytes += Array("\na,2024-01-01,1".utf8) }
  }

  private static func pick<Element>(
    _ elements: [Element], _ generator: inout SeededGenerator
  ) -> Element {
    elements[Int.random(in: elements.indices, using: &generator)]
  }
}
