/// The title of every song, put together from its number.
///
/// No two songs have one title: the bits of the number choose the words, which can be told apart in
/// the title, and what is left of the number stands at its end. See `Words` for the stock.
struct Titles: Sendable {
  enum Style: Sendable {
    /// One word as long as there are enough.
    case short
    /// Of varied length: an article, an adjective, a noun, a phrase, each but the noun now and then missing.
    case full
    /// The same between what makes quotes necessary.
    case quoted
  }

  /// In bytes, with what stores of whole pieces write behind them: two marks, four words, a number.
  static let longest = 7 * Piece.stride

  private static let stockBits = 19
  private static let stockMask = 1 << stockBits - 1

  private let style: Style
  private let articles = Words.articles.map(Piece.init)
  private let adjectives = Words.adjectives.map(Piece.init)
  private let nouns = Words.nouns.map(Piece.init)
  private let phrases = Words.phrases.map(Piece.init)
  private let editions =
    (0...Recipe.mostSongs >> stockBits).map { Piece($0 == 0 ? "" : " \($0)") }
  private let openings = Words.quotations.map { Piece($0.opening) }
  private let closings = Words.quotations.map { Piece($0.closing) }

  init(_ style: Style) {
    self.style = style
  }

  @inline(__always)
  func append(_ song: Int, to bytes: inout MutableRawSpan, at end: inout Int) {
    switch style {
    case .short:
      appendWords(song, to: &bytes, at: &end)
    case .full:
      appendWords(scattered(song), to: &bytes, at: &end)
    case .quoted:
      let quotation = song % openings.count
      bytes.append(openings[quotation], at: &end)
      appendWords(scattered(song), to: &bytes, at: &end)
      bytes.append(closings[quotation], at: &end)
    }
  }

  /// A product with an odd number permutes the numbers of 19 bits, so that few songs use many words.
  @inline(__always)
  private func scattered(_ song: Int) -> Int {
    song & ~Self.stockMask | (song &* 0x5_F35D) & Self.stockMask
  }

  @inline(__always)
  private func appendWords(_ number: Int, to bytes: inout MutableRawSpan, at end: inout Int) {
    bytes.append(articles[number >> 16 & 7], at: &end)
    bytes.append(adjectives[number >> 6 & 63], at: &end)
    bytes.append(nouns[number & 63], at: &end)
    bytes.append(phrases[number >> 12 & 15], at: &end)
    bytes.append(editions[number >> Self.stockBits], at: &end)
  }
}
