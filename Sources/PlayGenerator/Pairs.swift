/// Where the song and the day of each row come from, as numbers from 0.
protocol PairSource {
  mutating func next() -> (song: Int, day: Int)
}

/// Every pair as likely as any other.
struct UniformPairs: PairSource, Sendable {
  private let songs: UInt64
  private let days: UInt64
  private var random: SplitMix

  init(songs: Int, days: Int, seed: UInt64) {
    self.songs = UInt64(songs)
    self.days = UInt64(days)
    random = SplitMix(seed: seed, stream: 1)
  }

  @inline(__always)
  mutating func next() -> (song: Int, day: Int) {
    let bits = random.next()
    return (Int(SplitMix.pick(bits >> 32, of: songs)), Int(SplitMix.pick(bits, of: days)))
  }
}

/// Songs and days each by a law of Zipf's kind; the last day is the most frequent one.
///
/// The shares are such that ten million rows of 5,000 songs and 365 days have about 1.78 million of the
/// 1.825 million pairs: a pure law of Zipf would leave most songs with too few rows for that.
struct SkewedPairs: PairSource, Sendable {
  private let songs: AliasTable
  private let days: AliasTable
  private var random: SplitMix

  init(songs: Int, days: Int, seed: UInt64) {
    self.songs = AliasTable(count: songs, zipfShare: 0.3)
    self.days = AliasTable(count: days, zipfShare: 0.25)
    random = SplitMix(seed: seed, stream: 2)
  }

  @inline(__always)
  mutating func next() -> (song: Int, day: Int) {
    let song = songs.pick(random.next())
    return (song, days.count - 1 - days.pick(random.next()))
  }
}

/// No pair twice: a pair is a number, and the numbers come in a permuted order.
struct UniquePairs: PairSource, Sendable {
  private let permutation: Permutation
  private let days: UInt64
  private let isSongUnique: Bool
  private var row: UInt64 = 0

  /// - Parameters:
  ///   - songs: The number of songs.
  ///   - days: The number of days.
  ///   - isSongUnique: True for a song once at most, on any day; false for pairs of all songs and days.
  ///   - seed: Decides the order.
  init(songs: Int, days: Int, isSongUnique: Bool, seed: UInt64) {
    permutation = Permutation(
      count: UInt64(isSongUnique ? songs : songs * days), seed: seed)
    self.days = UInt64(days)
    self.isSongUnique = isSongUnique
  }

  @inline(__always)
  mutating func next() -> (song: Int, day: Int) {
    let number = permutation[row]
    row += 1
    if isSongUnique {
      return (Int(number), Int(SplitMix.pick(SplitMix.mixed(number), of: days)))
    }
    let (song, day) = number.quotientAndRemainder(dividingBy: days)
    return (Int(song), Int(day))
  }
}
