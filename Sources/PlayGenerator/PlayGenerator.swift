// Large CSVs of plays for tests and measurements, as bytes.
//
// Promises: the same recipe gives the same bytes, on every run and every machine, so a file need not be
// kept, only its recipe. The file is a tidy one: a header, then exactly as many rows as asked for, LF,
// UTF-8, nothing that a reader has to reject. Memory does not grow with the rows: the largest thing kept is
// what skewed songs need, eight bytes a song.
//
// Not promised: that a version of this module gives the bytes of another one, or that the numbers are
// random enough for anything but sorting, hashing and adding them up.
//
// How: a row is put together from pieces of at most 15 bytes, each of which is stored as 16 at once, so
// that no loop over bytes is left. All arithmetic is on integers, or on floating point with nothing but
// the four operations, which IEEE 754 defines to the last bit; `pow` differs from one libm to the next.
//
// The cost: titles are made of a fixed stock of words, with a number behind it from 524,288 songs on.

/// A CSV of plays, given out buffer by buffer.
package struct PlayGenerator: Sendable {
  package static let header = "Song,Date,Number of Plays\n"
  /// The smallest buffer that `fill` takes; a row or the header is shorter by far.
  package static let smallestBuffer = 4096

  private var rowsLeft: Int
  private var isHeaderDue = true
  private var pairs: Pairs
  private var random: SplitMix
  private let titles: Titles
  private let days: Days
  private let plays: PlaysColumn

  private enum Pairs: Sendable {
    case uniform(UniformPairs)
    case skewed(SkewedPairs)
    case unique(UniquePairs)
  }

  package init(_ recipe: Recipe) throws(RecipeError) {
    let (songs, days) = try recipe.checkedSize()
    rowsLeft = recipe.rows
    random = SplitMix(seed: recipe.seed, stream: 0)
    titles = Titles(recipe.shape.titleStyle)
    self.days = Days(count: days)
    plays = PlaysColumn(isSingleDigit: recipe.shape == .low || recipe.shape == .unique)
    switch recipe.shape {
    case .low:
      pairs = .uniform(UniformPairs(songs: songs, days: days, seed: recipe.seed))
    case .zipf, .quoted:
      pairs = .skewed(SkewedPairs(songs: songs, days: days, seed: recipe.seed))
    case .unique:
      // Where no number of songs is asked for, each row has a song of its own and any day will do.
      let isDrawn = recipe.songs != nil
      pairs = .unique(
        UniquePairs(songs: songs, days: days, isSongUnique: !isDrawn, seed: recipe.seed))
    }
  }

  /// Writes whole rows until the next one might not fit, or there is none.
  ///
  /// - Parameter buffer: At least `smallestBuffer` bytes; what it holds is written over.
  /// - Returns: How many bytes were written; 0 at the end of the file.
  package mutating func fill(_ buffer: inout [UInt8]) -> Int {
    precondition(
      buffer.count >= Self.smallestBuffer, "a buffer of \(buffer.count) bytes is too small")
    var span = buffer.mutableSpan
    // Bytes have no padding, which is what mutableBytes cannot know of every type.
    var bytes = unsafe span.mutableBytes
    var end = 0
    if isHeaderDue {
      isHeaderDue = false
      bytes.append(Self.header, at: &end)
    }
    // One switch a buffer, so that the loop over rows is compiled for each kind of pairs.
    switch pairs {
    case .uniform(var source):
      write(from: &source, to: &bytes, at: &end)
      pairs = .uniform(source)
    case .skewed(var source):
      write(from: &source, to: &bytes, at: &end)
      pairs = .skewed(source)
    case .unique(var source):
      write(from: &source, to: &bytes, at: &end)
      pairs = .unique(source)
    }
    return end
  }

  private mutating func write(
    from source: inout some PairSource, to bytes: inout MutableRawSpan, at end: inout Int
  ) {
    let lastStart = bytes.byteCount - Titles.longest - Piece.stride * 3
    while rowsLeft > 0, end <= lastStart {
      let (song, day) = source.next()
      titles.append(song, to: &bytes, at: &end)
      bytes.append(days[day], at: &end)
      bytes.append(plays.next(using: &random), at: &end)
      rowsLeft -= 1
    }
  }
}
