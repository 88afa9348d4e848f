package import Files
package import TaskModel

/// Puts files into the inbox as a careful user would.
///
/// Copied under a hidden name, which the inbox leaves alone; synced; renamed, never over another file; and the
/// folder synced. So the daemon takes it at once and whole, and when this returns a power cut does not take it.
package struct Submission {
  private let inbox: Directory

  /// - Parameter inbox: The path of the inbox, which exists.
  /// - Throws: What the file system says.
  package init(inbox: String) throws(FileError) {
    self.inbox = try Directory.open(inbox, create: false)
  }

  /// Copies a file into the inbox.
  ///
  /// - Parameters:
  ///   - bytes: A path, as the person gave it; bytes, as names are.
  ///   - isStopped: Asked between two pieces.
  /// - Returns: What lies in the inbox now, or was taken from there already.
  /// - Throws: `SubmissionError`, and what the file system says; nothing is left in the inbox then.
  package func submit(_ bytes: [UInt8], isStopped: () -> Bool) throws -> Submitted {
    let path = FileName.text(of: bytes)
    guard
      let last = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last,
      let name = FileName(bytes: last)
    else { throw SubmissionError.noName(path) }
    if case .ignored(let reason) = InputName(name) {
      throw SubmissionError.ignored(path, reason)
    }
    let source = try OpenFile.open(path: bytes, isPatient: false)
    let status = try source.status()
    guard status.kind == .regular else { throw SubmissionError.notRegular(path, status.kind) }
    // Looked at first, so that no large file is copied in vain; the rename looks again.
    guard try inbox.status(of: name) == nil else {
      throw SubmissionError.taken(name, in: inbox.path)
    }
    guard let hidden = FileName(".\(TaskID.make()).part") else {
      preconditionFailure("an id between two constants is a file name")
    }
    do {
      try copy(source, to: hidden, isStopped: isStopped)
      guard try source.status() == status else { throw SubmissionError.changed(path) }
      let before = Timestamp.now()
      try inbox.rename(hidden, to: inbox, as: name)
      try inbox.sync()
      return Submitted(name: name, size: status.size, before: before, inbox: inbox.path)
    } catch {
      try inbox.remove(hidden)
      if let error = error as? FileError, error.isTaken {
        throw SubmissionError.taken(name, in: inbox.path)
      }
      throw error
    }
  }

  private func copy(
    _ source: borrowing OpenFile, to hidden: FileName, isStopped: () -> Bool
  ) throws {
    var target = try inbox.createFile(hidden)
    guard try target.write(contentsOf: source, isStopped: isStopped) else {
      throw SubmissionError.stopped
    }
    try target.sync()
    // Before the rename, for the daemon leaves a file alone that a writer has open.
    try target.close()
  }
}

/// A file that was put into the inbox.
package struct Submitted: Sendable {
  package let name: FileName
  package let size: Int64
  /// Just before it got its name: its task is claimed later.
  package let before: Timestamp
  package let inbox: String
}

/// Why a file was not put into the inbox.
package enum SubmissionError: Error, Sendable, CustomStringConvertible {
  case noName(String)
  case ignored(String, InputName.Reason)
  case notRegular(String, FileStatus.Kind)
  case taken(FileName, in: String)
  case changed(String)
  case stopped

  package var description: String {
    switch self {
    case .noName(let path):
      "\"\(path.escapedForTerminal)\" names no file; name one that ends in .csv or .csv.gz"
    case .ignored(let path, let reason):
      "the inbox would leave \(path.escapedForTerminal) alone: \(reason.rawValue)"
    case .notRegular(let path, let kind):
      "\(path.escapedForTerminal) is a \(kind.rawValue); only regular files can be submitted"
    case .taken(let name, let inbox):
      "\(name.shown) lies in \(inbox.escapedForTerminal) already and is not taken yet; nothing is"
        + " replaced: wait until it is taken (watchctl why says what it waits for), or give yours"
        + " another name"
    case .changed(let path):
      "\(path.escapedForTerminal) changed while it was copied; submit it again when it is complete"
    case .stopped: "interrupted; nothing of the file is left in the inbox"
    }
  }
}
