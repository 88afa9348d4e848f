/// Why a file failed, as scripts see it (`error_code` in manifest and receipt).
package enum FailureCode: String, Sendable, CaseIterable, Codable {
  /// The file has no bytes.
  case empty
  /// Not UTF-8 text: another encoding, or an archive or a database under a .csv name.
  case encoding
  /// The first record is not a header that we can use.
  case header
  /// A quote was opened and the file ended before it was closed.
  case unclosedQuote = "unclosed-quote"
  /// A record is longer than `max-record`.
  case recordTooLong = "record-too-long"
  /// The sum of a song and date does not fit Int64.
  case sumOverflow = "sum-overflow"
  /// More records were rejected than `max-rejects` allows.
  case rejectedRows = "rejected-rows"
  /// What was taken is not there any more, or not whole (power was lost, or somebody was at the state directory); or a
  /// check of our own did not hold, a defect of watchd and not of the file. Nothing was published.
  case `internal`
}

/// A failure for which the file is at fault: it is recorded, final, and the daemon goes on.
///
/// Every other error that reaches the pipeline is the machine's (disk, database, descriptors): the
/// task stays queued and is tried again. The two are different types so that no `catch` can take
/// one for the other.
package struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let code: FailureCode
  /// One sentence: what is wrong, where (line and byte), and what the sender can do.
  package let sentence: String

  package init(_ code: FailureCode, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }

  package var description: String { "\(code.rawValue): \(sentence)" }
}
