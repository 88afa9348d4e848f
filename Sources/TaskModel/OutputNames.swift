/// The names in the outbox of one task, for one attempt to find free ones.
///
/// A result never overwrites: where any name of a set is taken, the next set is tried
/// (`NAME.2.csv`, `NAME.3.csv` ...), and the manifest says which it became. All names of a set
/// share the number, so that a result, its receipt and its rejects are seen to belong together.
package struct OutputNames: Hashable, Sendable {
  /// `NAME.csv`: the totals.
  package let result: FileName
  /// `NAME.csv.receipt.json`: what was read, rejected, summed and written.
  package let receipt: FileName
  /// `NAME.rejects.csv`: the rejected records.
  package let rejects: FileName

  /// In the order in which they are published.
  package var all: [FileName] { [rejects, result, receipt] }

  /// Room for the longest ending, `.4294967295.csv.receipt.json`, within the 255 bytes of a name.
  private static let longestStem = 255 - 28

  /// - Parameters:
  ///   - input: The name of the dropped file.
  ///   - number: 1 for the plain names; from 2 on the number stands in them.
  package init(input: FileName, number: UInt32) {
    var stem = Self.stem(of: input)
    if stem.count > Self.longestStem {
      // Cut before a UTF-8 lead byte, so that a name that was text stays text.
      var end = Self.longestStem
      // At most three bytes follow a lead byte; where more do, it is no text and is cut anywhere.
      while end > Self.longestStem - 3, stem[end] & 0xC0 == 0x80 { end -= 1 }
      stem.removeSubrange(end...)
    }
    if number > 1 { stem += Array(".\(number)".utf8) }
    func name(_ ending: String) -> FileName {
      guard let name = FileName(bytes: stem + Array(ending.utf8)) else {
        preconditionFailure("a stem of a valid name with an ending of ours is a valid name")
      }
      return name
    }
    result = name(".csv")
    receipt = name(".csv.receipt.json")
    rejects = name(".rejects.csv")
  }

  /// The name without `.csv` or `.csv.gz`, whatever its case.
  private static func stem(of input: FileName) -> [UInt8] {
    switch InputName(input) {
    case .csv: Array(input.bytes.dropLast(4))
    case .gzip: Array(input.bytes.dropLast(7))
    case .ignored: input.bytes
    }
  }
}
