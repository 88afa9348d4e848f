/// The part of a file that a request asks for (RFC 9110, 14.1.2): one range, for several in one answer are a form that no
/// client of ours needs and many an attack has used.
enum ByteRange: Equatable {
  /// All of it: nothing was asked for, or nothing that has to be understood.
  case whole
  case part(ClosedRange<Int64>)
  /// Behind the end.
  case unsatisfiable

  init(_ header: String?, size: Int64) {
    guard let header, header.hasPrefix("bytes="), !header.contains(",") else {
      self = .whole
      return
    }
    let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]),
      ends[0].count + ends[1].count > 0
    else {
      self = .whole
      return
    }
    switch (first, last) {
    case (nil, let suffix?):
      self = suffix > 0 && size > 0 ? .part(max(0, size - suffix)...(size - 1)) : .unsatisfiable
    case (let first?, let last):
      if let last, last < first {
        self = .whole
      } else {
        self =
          first < size ? .part(first...min(last ?? size - 1, size - 1)) : .unsatisfiable
      }
    case (nil, nil): self = .whole
    }
  }

  /// Nil for what is no number; `.some(nil)` for nothing.
  private static func number(_ text: Substring) -> Int64?? {
    if text.isEmpty { return .some(nil) }
    guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
    // Of more digits than fit, it is behind every end.
    return .some(Int64(text) ?? .max)
  }
}
