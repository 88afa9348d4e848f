import CInotifyTools
import Dispatch
import Files
import Synchronization
import TaskModel

extension InboxWatch {
  /// What is watched for in the inbox.
  ///
  /// IN_CLOSE_WRITE and IN_MOVED_TO are how files arrive; IN_CREATE is all that a hard link gives,
  /// IN_ATTRIB all that a file gives that was made readable. The rest is about the directory
  /// itself.
  private static let inboxEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF
    | IN_ONLYDIR
  private static let lossEvents = IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED

  /// The body of the thread.
  func run() {
    do throws(InboxError) {
      var library = try InotifyLibrary.acquire()
      let waking = try library.add(
        descriptor: wakeFile.descriptor, events: IN_CLOSE_WRITE, shown: wakeFile.name)
      defer { library.remove(waking) }
      try readEvents(&library)
    } catch {
      let isAwaited = orders.withLock { orders in
        orders.failure = error
        orders.answer = .failure(error)
        return orders.directory != nil
      }
      // Whoever awaits an answer tries again in his own time: told here as well, he would look through the inbox at once, and
      // again without end.
      if isAwaited { answered.signal() } else { mailbox.post(.watchFailed) }
    }
  }

  private func readEvents(_ library: inout InotifyLibrary) throws(InboxError) {
    // The directory is held here because a watch must end before its descriptor closes.
    var armed: (directory: Directory, watch: InotifyLibrary.Watch)?
    defer { if let armed { library.remove(armed.watch) } }
    while true {
      let (directory, stops) = orders.withLock { orders in
        defer { orders.directory = nil }
        return (orders.directory, orders.stops)
      }
      if stops { return }
      if let directory {
        if let armed { library.remove(armed.watch) }
        armed = nil
        let answer = Result { () throws(InboxError) in
          let watch = try library.add(
            descriptor: directory.descriptor, events: Self.inboxEvents, shown: directory.path)
          armed = (directory, watch)
        }
        orders.withLock { $0.answer = answer }
        answered.signal()
      }
      beforeReading()
      if let event = try library.next() { report(event, of: armed?.watch) }
    }
  }

  private func report(_ event: InotifyLibrary.Event, of watch: InotifyLibrary.Watch?) {
    if event.has(IN_Q_OVERFLOW) {
      overflowCount.add(1, ordering: .relaxed)
      mailbox.post(.overflow)
      return
    }
    guard event.watch == watch?.number else { return }
    if event.has(Self.lossEvents) { return mailbox.post(.watchLost) }
    guard let name = event.name, !event.has(IN_ISDIR), InputName(name).isTaken else { return }
    if event.has(IN_MOVED_TO) {
      mailbox.post(.movedIn, name: name)
    } else if event.has(IN_CREATE | IN_CLOSE_WRITE) {
      mailbox.post(.written, name: name)
    } else {
      mailbox.post(.touched, name: name)
    }
  }
}

extension InputName {
  /// Whether a file of this name is for us.
  var isTaken: Bool {
    switch self {
    case .csv, .gzip: true
    case .ignored: false
    }
  }
}
