/// Takes the body of a `multipart/form-data` request (RFC 7578) apart as it comes, in pieces cut anywhere.
///
/// Pure, and of bounded memory: of the contents of a part nothing is kept but what may be the beginning of its end, of a
/// part's head at most `longestHead` bytes.
struct MultipartReader {
  /// What comes to light with a piece of the body.
  enum Event: Equatable {
    case begin(Part)
    /// Some more contents of the part; never empty.
    case bytes(ArraySlice<UInt8>)
    case end
  }

  /// What a part says of itself.
  struct Part: Equatable {
    /// The name of the form's field.
    var field: [UInt8]?
    /// The name of the file; nil where the part is none.
    var fileName: [UInt8]?
  }

  private enum State {
    case preamble
    case delimiter
    case head
    case contents
    case epilogue
  }

  private static let longestHead = 16 << 10
  private static let longestPadding = 256
  private static let mostParts = 1000
  private static let lineEnd: [UInt8] = [13, 10]

  /// The line end before the boundary is part of it (RFC 2046, 5.1.1).
  private let delimiter: [UInt8]
  private var state = State.preamble
  /// Not taken apart yet; begins as if a line had ended before the body.
  private var pending = Self.lineEnd
  /// Up to where the last step needs nothing of it any more.
  private var keepsFrom = 0
  /// Of a head: what was looked at before, so that one that comes byte by byte is not looked at again and again.
  private var searched = 0
  private var parts = 0

  /// - Parameter boundary: From the request's Content-Type.
  init(boundary: [UInt8]) {
    delimiter = Self.lineEnd + Array("--".utf8) + boundary
  }

  /// - Returns: What the piece adds.
  /// - Throws: Why the body is no such form.
  mutating func read(_ piece: [UInt8]) throws(MultipartError) -> [Event] {
    pending += piece
    var events: [Event] = []
    var position = 0
    while let next = try step(from: position, &events) { position = next }
    pending.removeFirst(keepsFrom)
    return events
  }

  /// - Throws: Where the last boundary did not come.
  func finish() throws(MultipartError) {
    guard case .epilogue = state else { throw .cutShort }
  }

  /// Goes on by one part of the form.
  ///
  /// - Returns: Where the next one begins; nil where more bytes are needed.
  private mutating func step(
    from position: Int, _ events: inout [Event]
  ) throws(MultipartError) -> Int? {
    keepsFrom = position
    switch state {
    case .preamble, .contents:
      let (end, isWhole) = findDelimiter(from: position)
      let isContents = if case .contents = state { true } else { false }
      if isContents, end > position { events.append(.bytes(pending[position..<end])) }
      keepsFrom = end
      guard isWhole else { return nil }
      if isContents { events.append(.end) }
      state = .delimiter
      return end + delimiter.count
    case .delimiter: return try readDelimiterLine(from: position)
    case .head: return try readHead(from: position, &events)
    case .epilogue:
      keepsFrom = pending.count
      return nil
    }
  }

  /// - Returns: Where the delimiter, or what may be the beginning of one at the end, begins; the end where there is none.
  private func findDelimiter(from start: Int) -> (place: Int, isWhole: Bool) {
    var place = start
    while place < pending.count {
      // A boundary holds no CR, so no delimiter begins within another.
      if pending[place] == 13 {
        let length = min(delimiter.count, pending.count - place)
        if pending[place..<(place + length)] == delimiter[..<length] {
          return (place, length == delimiter.count)
        }
      }
      place += 1
    }
    return (pending.count, false)
  }

  /// What follows a boundary on its line: `--` after the last one, else blanks at most.
  private mutating func readDelimiterLine(from position: Int) throws(MultipartError) -> Int? {
    guard pending.count - position >= 2 else { return nil }
    if pending[position] == 45, pending[position + 1] == 45 {
      state = .epilogue
      return position + 2
    }
    var place = position
    while place < pending.count, [9, 32].contains(pending[place]) { place += 1 }
    guard place - position <= Self.longestPadding else { throw .headTooLong }
    guard pending.count - place >= 2 else {
      if place < pending.count, pending[place] != 13 { throw .malformed }
      return nil
    }
    guard pending[place] == 13, pending[place + 1] == 10 else { throw .malformed }
    parts += 1
    guard parts <= Self.mostParts else { throw .tooManyParts }
    state = .head
    // The line end stays: a head without a line ends with the same two.
    return place
  }

  private mutating func readHead(
    from position: Int, _ events: inout [Event]
  ) throws(MultipartError) -> Int? {
    let ending = Self.lineEnd + Self.lineEnd
    var place = position + searched
    while place + 4 <= pending.count, pending[place..<(place + 4)] != ending[...] { place += 1 }
    searched = place - position
    guard searched <= Self.longestHead else { throw .headTooLong }
    guard place + 4 <= pending.count else { return nil }
    searched = 0
    events.append(.begin(Part(head: Array(pending[position..<place]))))
    state = .contents
    return place + 4
  }
}

/// Why a body is no form of files.
enum MultipartError: Error, Equatable, CustomStringConvertible {
  case malformed
  case headTooLong
  case tooManyParts
  case cutShort

  var description: String {
    switch self {
    case .malformed: "something else than a line end follows a boundary of the form"
    case .headTooLong: "the head of a part of the form is longer than 16 KiB"
    case .tooManyParts: "the form has more than 1000 parts"
    case .cutShort: "the form ends before its last boundary"
    }
  }
}
