import Files
import Logging
import TaskModel

extension Intake {
  mutating func observe(_ name: FileName) -> Observation {
    do throws(FileError) {
      guard let entry = try claimer.inbox.status(of: name) else { return .missing }
      guard entry.kind == .regular else { return .special(entry.kind) }
      guard let file = try claimer.inbox.openFile(name) else { return .missing }
      // The probe first: a writer that closes after the look at the status has written before it.
      let writers = file.writers()
      if writers == .unknown { warnOfWriters(name) }
      return .file(try file.status(), writers: writers)
    } catch {
      return .unreadable(error)
    }
  }

  /// Once: it is so for all files of a kind, and nothing changes it while we run.
  private mutating func warnOfWriters(_ name: FileName) {
    guard !hasWarnedOfWriters else { return }
    hasWarnedOfWriters = true
    logger.warning(
      """
      the kernel does not say whether \(name.shown) is open for writing; such files are taken when \
      they have held still for \(options.settle), even if their writer only pauses; run watchd as \
      the owner of the files or with CAP_LEASE, and keep the inbox on a local file system
      """)
  }
}
