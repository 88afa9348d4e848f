import CSV
import TestSupport
import Testing

/// Files that are changed a little, and again, as long as that shows something new; each is read by the reader, whole and
/// in pieces, and by the slow and obvious one.
///
/// It begins with every case of the tables. What a file shows is which rules it met (`Sight`); one that shows a new
/// combination is kept to be changed further. Debug builds trap at overflows and at accesses beyond a piece, so that a
/// crash is a finding too.
struct FuzzTests {
  /// One long run is divided, so that a failure is known before its end.
  static let shares = Soak.isOn ? 20 : 2

  @Test(arguments: 0..<shares)
  func `a changed file reads as the slow reader reads it, in whatever pieces`(share: Int) {
    let count = Soak.count(6_000, 1_000_000) / Self.shares
    Soak.announce("\(count) changed files, share \(share)")
    var generator = SeededGenerator(seed: Soak.seed &* 31 &+ UInt64(share))
    var corpus = CaseTests.cases.map { Mutation.Specimen(bytes: $0.input, options: $0.options) }
    var seen: Set<Sight> = []
    for number in 1...count {
      let specimen = Mutation.next(of: corpus, using: &generator)
      let expected = ReferenceReader.read(specimen.bytes, options: specimen.options)
      let cuts = Mutation.cuts(of: specimen.bytes.count, using: &generator)
      guard Self.agrees(specimen, cuts, with: expected) else {
        let least = Self.shrunk(specimen, cuts)
        Issue.record(
          "\(printed(least.bytes)), \(least.options), cut at \(cuts), file \(number) of share \(share), WATCHD_SEED=\(Soak.seed)"
        )
        return
      }
      if seen.insert(Sight(of: expected)).inserted { corpus.append(specimen) }
    }
    print("\(seen.count) combinations of rules were met, \(corpus.count) files kept")
    // A loop that never gets beyond the header would agree about nothing.
    #expect(seen.contains { $0.rows > 0 && !$0.rejects.isEmpty })
    #expect(seen.count > 50)
  }

  private static func agrees(
    _ specimen: Mutation.Specimen, _ cuts: [Int], with expected: Outcome
  ) -> Bool {
    let (bytes, options) = (specimen.bytes, specimen.options)
    guard PieceReader.read(bytes, options: options) == expected else { return false }
    let inPieces = PieceReader.read(
      bytes, cuts: cuts.filter { $0 <= bytes.count }, capacity: 1 + cuts.count, options: options,
      lateEnd: cuts.count.isMultiple(of: 2), resumes: cuts.count.isMultiple(of: 3),
      looksAhead: bytes.count.isMultiple(of: 2))
    return inPieces == expected
  }

  /// A shorter file that the readers do not agree about either.
  private static func shrunk(
    _ specimen: Mutation.Specimen, _ cuts: [Int]
  ) -> Mutation.Specimen {
    var least = specimen
    var width = max(1, least.bytes.count / 2)
    while width > 0 {
      var start = 0
      while start < least.bytes.count {
        var shorter = least
        shorter.bytes.removeSubrange(start..<min(start + width, least.bytes.count))
        let expected = ReferenceReader.read(shorter.bytes, options: shorter.options)
        if agrees(shorter, cuts, with: expected) { start += width } else { least = shorter }
      }
      width /= 2
    }
    return least
  }
}

/// Which rules a file met: the feedback by which the loop knows something new.
private struct Sight: Hashable {
  var failure: String?
  var rejects: Set<String>
  /// Rough, so that length alone is nothing new.
  var rows: Int
  var separator: UInt8?
  var isByName: Bool

  init(of outcome: Outcome) {
    failure = outcome.failure.map { "\($0.kind)" }
    rejects = Set(
      outcome.rejects.map { String("\($0.reason)".prefix { $0.isLetter || $0 == " " }) })
    rows = min(3, outcome.rows.count)
    separator = outcome.header?.separator
    isByName = outcome.header?.columns == .byName
  }
}
