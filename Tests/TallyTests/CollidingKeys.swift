/// Keys that all have the same hash in all its bits, for one seed.
///
/// A hash goes through a product for each word of the key. A word that equals the hash so far makes one factor
/// zero, and so the product, whatever came before. Only who knows the seed can write such a word. Whoever
/// changes the hash changes these keys; a test says when that is due.
enum CollidingKeys: CaseIterable {
  /// The keys differ in one word and in the one that makes up for it.
  case byWord
  /// The keys begin alike and differ in their lengths.
  case byLength

  private static let seedMask: UInt64 = 0xA076_1D64_78BD_642F
  private static let wordFactor: UInt64 = 0x8EBC_6AF0_9C88_C6E3

  /// Nine hundred keys, more than the first table holds.
  func keys(seed: UInt64) -> [[UInt8]] {
    switch self {
    case .byWord: (0..<900).map { text($0, seed: seed) }
    case .byLength: (16..<916).map { bytes(of: [seed ^ Self.seedMask]) + zeroes($0) }
    }
  }

  /// Four words, of which the first and the last are the same for all numbers.
  private func text(_ number: UInt64, seed: UInt64) -> [UInt8] {
    let first: UInt64 = 0x6161_6161_6161_6161
    let afterFirst = fold(seed ^ Self.seedMask ^ first)
    return bytes(of: [first, number, fold(afterFirst ^ number), first])
  }

  private func fold(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: Self.wordFactor)
    return product.high ^ product.low
  }

  private func bytes(of words: [UInt64]) -> [UInt8] {
    words.flatMap { word in
      stride(from: UInt64(0), to: 64, by: 8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }
  }

  private func zeroes(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }
}
