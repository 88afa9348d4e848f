/// What the inbox makes of a name, before it looks at the file: contract, Input.
package enum InputName: Hashable, Sendable {
  /// `*.csv`, any case.
  case csv
  /// `*.csv.gz`, any case: read as a stream.
  case gzip
  /// Left alone, for the reason given.
  case ignored(Reason)

  package enum Reason: String, Hashable, Sendable {
    case hidden = "its name begins with a dot; rename it when it is complete"
    case temporary = "its name says that it is still being written; rename it when it is complete"
    case other = "its name ends in neither .csv nor .csv.gz"
  }

  /// Suffixes of names that programs give to what they are still writing.
  private static let temporarySuffixes = [".tmp", ".part", ".filepart", ".crdownload", "~"]

  /// True for a name that the inbox leaves alone.
  package var isIgnored: Bool {
    if case .ignored = self { true } else { false }
  }

  package init(_ name: FileName) {
    let lower = name.bytes.map { byte in
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
    func ends(_ suffix: String) -> Bool {
      lower.count > suffix.utf8.count && lower.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }
    if lower.first == UInt8(ascii: ".") {
      self = .ignored(.hidden)
    } else if Self.temporarySuffixes.contains(where: ends) {
      self = .ignored(.temporary)
    } else if ends(".csv") {
      self = .csv
    } else if ends(".csv.gz") {
      self = .gzip
    } else {
      self = .ignored(.other)
    }
  }
}
