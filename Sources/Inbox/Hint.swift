/// What one event says of a name: a reason to look, never a fact.
///
/// Events may be stale when they are read, merged, or lost (inotify(7), "Limitations and caveats").
enum Hint: Hashable, Sendable {
  /// IN_MOVED_TO.
  case movedIn
  /// IN_CREATE or IN_CLOSE_WRITE: somebody writes, or wrote; a hard link gives only the first.
  case written
  /// IN_ATTRIB: a file that was made readable gives only this.
  case touched
}

/// Why the whole inbox is looked through: every loss of events ends here, in one path.
enum RescanReason: String, Hashable, Sendable {
  case overflow = "the kernel's event queue overflowed"
  case mailboxFull = "more events came than are kept"
  case watchLost = "the watched directory was moved, removed or unmounted"
  case watchFailed = "the watch failed"
}
