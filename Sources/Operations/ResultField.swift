import TaskModel

/// A song or a date of a result, as it stands in the file: the beginning of it in memory, which for nearly every
/// field is all.
///
/// A field may have as many bytes as a record, so what is kept, shown and compared of one has a bound of its own.
struct ResultField {
  /// What is shown of a field at most, in bytes.
  static let longestShown = 1024
  /// As much of it as may be needed for that, with quotes inside doubled.
  static let longestKept = 4 * longestShown

  /// As it stands in the file, with its quotes; all of it, or the beginning.
  let bytes: ArraySlice<UInt8>
  /// Where the whole of it stands in the file.
  let place: Range<Int64>
  /// How many quotes the whole of it has; nil where that is to be counted.
  private let quotes: Int64?

  private static let quote = UInt8(ascii: "\"")

  init(_ bytes: ArraySlice<UInt8>, place: Range<Int64>, quotes: Int64? = nil) {
    self.bytes = bytes
    self.place = place
    self.quotes = quotes
  }

  var isWhole: Bool { Int64(bytes.count) == Int64(place.count) }

  /// No more of it than its beginning, in memory of its own.
  var kept: ResultField {
    guard bytes.count > Self.longestKept else {
      return ResultField(Array(bytes)[...], place: place, quotes: quotes)
    }
    return ResultField(
      Array(bytes.prefix(Self.longestKept))[...], place: place, quotes: countQuotes())
  }

  /// What is shown of it; `bytes` is how many the whole has, where that is more.
  var shown: (text: String, bytes: Int64?) {
    guard place.count > Self.longestShown else { return (Self.text(bytes), nil) }
    let isQuoted = bytes.first == Self.quote
    let count = isQuoted ? Int64(place.count) - 1 - countQuotes() / 2 : Int64(place.count)
    guard count > Self.longestShown else { return (Self.text(bytes), nil) }
    var plain: [UInt8] = []
    var unquoting = Unquoting(isQuoted: isQuoted)
    for byte in isQuoted ? bytes.dropFirst() : bytes {
      if unquoting.keeps(byte) { plain.append(byte) }
      if plain.count == Self.longestShown { break }
    }
    return (String(decoding: plain.prefix(UTF8Cut.whole(plain[...])), as: UTF8.self), count)
  }

  /// The same of a text that is in no file.
  static func shown(_ text: String) -> (text: String, bytes: Int?) {
    guard text.utf8.count > longestShown else { return (text, nil) }
    let beginning = Array(text.utf8.prefix(longestShown))[...]
    return (
      String(decoding: beginning.prefix(UTF8Cut.whole(beginning)), as: UTF8.self), text.utf8.count
    )
  }

  private func countQuotes() -> Int64 {
    quotes ?? bytes.reduce(Int64(0)) { $0 + ($1 == Self.quote ? 1 : 0) }
  }

  /// Whether two fields of a result are the same, to the byte: the file has the rest of what is not in memory.
  func isSame(
    as other: ResultField, in content: OutboxContent, _ stop: PassStop
  ) throws -> Bool {
    guard place.count == other.place.count else { return false }
    let count = min(bytes.count, other.bytes.count)
    guard bytes.prefix(count) == other.bytes.prefix(count) else { return false }
    var done = Int64(count)
    while done < place.count {
      try stop.check()
      let next = Int(min(Int64(ResultRows.piece), Int64(place.count) - done))
      let (left, right) = (
        try content.read(at: place.lowerBound + done, count: next),
        try content.read(at: other.place.lowerBound + done, count: next)
      )
      guard left == right, left.count == next else { return false }
      done += Int64(next)
    }
    return true
  }

  /// A whole field, undone of its quotes.
  static func text(_ field: ArraySlice<UInt8>) -> String {
    guard field.first == quote else { return String(decoding: field, as: UTF8.self) }
    var unquoting = Unquoting(isQuoted: true)
    return String(
      decoding: field.dropFirst().dropLast().filter { unquoting.keeps($0) }, as: UTF8.self)
  }

  /// Of two quotes inside a quoted field, the second is left out.
  struct Unquoting {
    let isQuoted: Bool
    private var isDoubled = false

    init(isQuoted: Bool) { self.isQuoted = isQuoted }

    mutating func keeps(_ byte: UInt8) -> Bool {
      guard isQuoted else { return true }
      isDoubled = byte == quote && !isDoubled
      return byte != quote || isDoubled
    }
  }
}

/// The text of a field of a result, a piece at a time, whatever its length.
struct ResultText {
  private let content: OutboxContent
  private var place: Range<Int64>
  private var unquoting: ResultField.Unquoting
  /// The beginning of a character whose rest comes with the next piece.
  private var rest: [UInt8] = []

  private static let piece = 64 << 10

  init(_ field: ResultField, of content: OutboxContent) {
    self.content = content
    let isQuoted = field.bytes.first == UInt8(ascii: "\"")
    unquoting = ResultField.Unquoting(isQuoted: isQuoted)
    place = isQuoted ? (field.place.lowerBound + 1)..<(field.place.upperBound - 1) : field.place
  }

  /// Some more whole characters; nil at the end.
  mutating func next() throws -> ArraySlice<UInt8>? {
    guard !place.isEmpty else { return nil }
    let count = Int(min(Int64(Self.piece), Int64(place.count)))
    let bytes = try content.read(at: place.lowerBound, count: count)
    guard bytes.count == count else {
      throw ResultError.malformed(content.name.shown, offset: place.lowerBound)
    }
    place = (place.lowerBound + Int64(count))..<place.upperBound
    let plain = rest + bytes.filter { unquoting.keeps($0) }
    let whole = place.isEmpty ? plain.count : UTF8Cut.whole(plain[...])
    rest = Array(plain[whole...])
    return plain[..<whole]
  }
}

/// Where UTF-8 may be cut.
enum UTF8Cut {
  /// How many bytes from the beginning are whole characters.
  static func whole(_ bytes: ArraySlice<UInt8>) -> Int {
    for back in 1...4 where back <= bytes.count {
      let byte = bytes[bytes.endIndex - back]
      // The bytes that go on a character begin with the bits 10.
      if byte & 0xC0 == 0x80 { continue }
      let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      return length <= back ? bytes.count : bytes.count - back
    }
    return bytes.count
  }
}
