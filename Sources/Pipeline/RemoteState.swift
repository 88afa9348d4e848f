package import Files
import TaskModel

/// The state directory is on a file system on which SQLite's log does not work: see `Directory.isRemote`.
package struct RemoteState: Error, CustomStringConvertible {
  private let path: String

  /// Throws this error where it is so; for whoever is about to write there.
  package static func refuse(_ state: Directory) throws {
    if try state.isRemote() { throw RemoteState(path: state.path) }
  }

  package var description: String {
    "the state directory \(path.escapedForTerminal) is on a network file system or FUSE, on which SQLite"
      + " cannot keep its promises; name one on a local disk with --state"
  }
}
