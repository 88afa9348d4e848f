import Files
import Inbox
import Pipeline
import TaskModel

/// A look at what lies in the inbox, from outside of the daemon.
///
/// The daemon's own board of reasons is in its memory, so the same questions are asked of the kernel
/// again: name, kind, writers, last change, free space; by the settings that the daemon recorded when it started.
struct InboxLook {
  let directory: Directory
  /// The process that has the state's lock.
  let daemon: Int32?
  private let settle: Duration
  private let space: DiskSpace
  private let queued: Int

  /// From then on a file that nobody takes is not just being waited for.
  private static let patience = Duration.seconds(60)
  /// And from then on it was not taken at once: where the queue is long, it waits for room.
  private static let atOnce = Duration.seconds(2)

  /// - Parameters:
  ///   - directory: The inbox.
  ///   - daemon: The process that has the state's lock.
  ///   - settings: The daemon's.
  ///   - queued: How many tasks are.
  ///   - written: Where the daemon writes, as far as it is there: free space matters there alone.
  init(directory: Directory, daemon: Int32?, settings: Settings, queued: Int, written: [Directory])
  {
    self.directory = directory
    self.daemon = daemon
    self.queued = queued
    settle = settings.settle
    space = DiskSpace(of: written, minimum: settings.minFree)
    Leases.prepareProcess()
  }

  /// The entry that a person means; a name that is no text is given as `status` shows it.
  static func entry(named text: String, in directory: Directory) throws -> FileName? {
    if let name = FileName(text), try directory.status(of: name) != nil { return name }
    guard text.contains("\\x") else { return nil }
    return try directory.entries().first { $0.text == text }
  }

  /// Why an entry lies there; nil where it does not any more.
  func finding(on name: FileName) throws -> (
    reason: Explanation.Reason, sentence: String
  )? {
    guard let status = try directory.status(of: name) else { return nil }
    if case .ignored(let reason) = InputName(name) {
      return (.ignoredName, Sighting(name: name, reason: .name(reason)).sentence)
    }
    guard status.kind == .regular else {
      return (.notRegular, Sighting(name: name, reason: .notRegular(status.kind)).sentence)
    }
    let isOpen = try writers(of: name) == .some
    guard let daemon else {
      return isOpen
        ? (.openByWriter, "it is still open by a writer, and the daemon does not run; start watchd")
        : (.daemonDown, "it lies in the inbox, and the daemon does not run; start watchd")
    }
    if isOpen { return (.openByWriter, Sighting(name: name, reason: .openByWriter).sentence) }
    let age = Duration.milliseconds(Timestamp.now().milliseconds - status.changed / 1_000_000)
    if age < settle { return (.settling, Sighting(name: name, reason: .settling).sentence) }
    if queued >= QueueFull.most { return (.queueFull, "\(QueueFull(waiting: queued))") }
    if let shortage = try shortage() { return (.noSpace, "\(shortage)") }
    if queued > QueueFull.resumesAt, age >= Self.atOnce {
      return (.queueFull, "\(QueueFull(waiting: queued))")
    }
    if age < Self.patience { return (.unseen, Sighting(name: name, reason: .unseen).sentence) }
    return (
      .notTaken,
      "it lies in the inbox and is whole, but the daemon (process \(daemon)) has not taken it;"
        + " its log says why"
    )
  }

  /// Why nothing at all is taken.
  private func shortage() throws -> SpaceShortage? {
    do {
      try space.check()
      return nil
    } catch let shortage as SpaceShortage {
      return shortage
    }
  }

  private func writers(of name: FileName) throws(FileError) -> OpenFile.Writers {
    do throws(FileError) {
      guard let file = try directory.openFile(name) else { return .unknown }
      return file.writers()
    } catch  where error.isDenied {
      // This user may not read it; the daemon's may.
      return .unknown
    }
  }
}
