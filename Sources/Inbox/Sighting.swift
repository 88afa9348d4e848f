package import Files
package import TaskModel

/// An entry that lies in the inbox and is not taken, and why: contract, "never a silent file".
package struct Sighting: Hashable, Sendable {
  package let name: FileName
  package let reason: Reason

  package enum Reason: Hashable, Sendable {
    /// The scan or the event that will find it is still to come.
    case unseen
    case openByWriter
    case settling
    case name(InputName.Reason)
    case notRegular(FileStatus.Kind)
    /// The sentence of what is missing to take anything at all.
    case noSpace(String)
    /// The sentence of a queue that has no room.
    case queueFull(String)
    /// An error's sentence; it is tried again by itself.
    case trouble(String)

    /// As the metrics call it.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
      case unseen
      case open
      case settling
      case noSpace = "no-space"
      case queueFull = "queue-full"
      case trouble
      case ignored
    }

    package var kind: Kind {
      switch self {
      case .unseen: .unseen
      case .openByWriter: .open
      case .settling: .settling
      case .noSpace: .noSpace
      case .queueFull: .queueFull
      case .trouble: .trouble
      case .name, .notRegular: .ignored
      }
    }
  }

  package init(name: FileName, reason: Reason) {
    self.name = name
    self.reason = reason
  }

  /// One sentence without the name and without a full stop: "it is still open by a writer; ...".
  package var sentence: String {
    switch reason {
    case .unseen: "it has just been seen and will be looked at in a moment"
    case .openByWriter: "it is still open by a writer; it is taken when the writer closes it"
    case .settling: "it changed a moment ago; it is taken when it has held still"
    case .name(let reason): "it is left alone: " + reason.rawValue
    case .notRegular(let kind): "it is left alone: it is a \(kind.rawValue), not a regular file"
    case .noSpace(let sentence), .queueFull(let sentence), .trouble(let sentence): sentence
    }
  }
}
