/// What a generated file shall hold; the same recipe gives the same bytes.
package struct Recipe: Hashable, Sendable {
  /// How songs and dates are spread over the rows.
  package enum Shape: String, CaseIterable, Sendable {
    /// Few pairs of a song and a date, each as frequent as the others.
    case low
    /// Many pairs, some songs and dates far more frequent than others.
    case zipf
    /// No pair twice, and in no order.
    case unique
    /// As `zipf`, with titles in quotes that hold commas, doubled quotes and line ends.
    case quoted
  }

  package var rows: Int
  package var shape: Shape
  /// Nil for what the shape has by default.
  package var songs: Int?
  /// Nil for what the shape has by default.
  package var days: Int?
  package var seed: UInt64

  package init(
    rows: Int, shape: Shape = .zipf, songs: Int? = nil, days: Int? = nil, seed: UInt64 = 1
  ) {
    self.rows = rows
    self.shape = shape
    self.songs = songs
    self.days = days
    self.seed = seed
  }
}

extension Recipe {
  static let mostSongs = 1 << 32
  /// A skewed choice keeps eight bytes for each song.
  static let mostSkewedSongs = 10_000_000

  /// The numbers of songs and days, defaults filled in.
  func checkedSize() throws(RecipeError) -> (songs: Int, days: Int) {
    let songs = self.songs ?? shape.defaultSongs ?? max(rows, 1)
    let days = self.days ?? shape.defaultDays
    guard rows >= 0 else { throw .negativeRows(rows) }
    guard 1...Days.most ~= days else { throw .daysOutOfRange(days) }
    switch shape {
    case .zipf, .quoted:
      guard 1...Self.mostSkewedSongs ~= songs else {
        throw .songsOutOfRange(songs, most: Self.mostSkewedSongs)
      }
    case .low, .unique:
      guard 1...Self.mostSongs ~= songs else {
        throw .songsOutOfRange(songs, most: Self.mostSongs)
      }
    }
    // Fits: the bounds above are 32 and 22 bits.
    if shape == .unique, rows > songs * days {
      throw .tooFewPairs(rows: rows, songs: songs, days: days)
    }
    return (songs, days)
  }
}

extension Recipe.Shape {
  /// Nil: as many as there are rows.
  package var defaultSongs: Int? {
    switch self {
    case .low: 4
    case .zipf, .quoted: 5000
    case .unique: nil
    }
  }

  package var defaultDays: Int { self == .low ? 31 : 365 }

  var titleStyle: Titles.Style {
    switch self {
    case .low: .short
    case .zipf, .unique: .full
    case .quoted: .quoted
    }
  }
}

/// A recipe that no file can follow.
package enum RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
  case negativeRows(Int)
  case songsOutOfRange(Int, most: Int)
  case daysOutOfRange(Int)
  case tooFewPairs(rows: Int, songs: Int, days: Int)

  package var description: String {
    switch self {
    case .negativeRows(let rows):
      "a file cannot have \(rows) rows; ask for 0 or more"
    case .songsOutOfRange(let songs, let most):
      "a file cannot have \(songs) songs in this shape; ask for 1 to \(most)"
    case .daysOutOfRange(let days):
      "a file cannot have \(days) days; ask for 1 to \(Days.most), the last of which is 9999-12-31"
    case .tooFewPairs(let rows, let songs, let days):
      "\(songs) songs on \(days) days are \(songs * days) pairs, too few for \(rows) rows without "
        + "repetition; ask for fewer rows, or for more songs or days"
    }
  }
}
