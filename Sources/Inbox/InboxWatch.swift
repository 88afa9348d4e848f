import Dispatch
import Files
import Synchronization
import TaskModel

/// The thread that moves events from the kernel's queue into the mailbox, and does nothing else.
///
/// It is kept free of all work, so that the queue, 16,384 events by default, overflows as late as
/// can be. The library belongs to this thread alone: others leave an order, and wake it by the
/// event of a file that it watches for that purpose, which needs neither time-out nor polling.
/// Where the queue is full, that event is lost, but then the overflow's own event wakes the thread.
final class InboxWatch: Sendable {
  /// What others ask of the thread, and its answer.
  struct Orders {
    var directory: Directory?
    var stops = false
    /// Why the thread ended before it was told to.
    var failure: InboxError?
    var answer: Result<Void, InboxError>?
  }

  private static let wakeName = "inbox.wake"

  let mailbox: Mailbox
  let wakeFile: OpenFile
  /// Called before each read of the queue; whoever blocks in it holds the thread up.
  let beforeReading: @Sendable () -> Void
  let orders: Mutex<Orders>
  let answered = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  let overflowCount = Atomic<Int>(0)

  /// How often the kernel's queue overflowed.
  var overflows: Int { overflowCount.load(ordering: .relaxed) }

  /// Starts the thread, and returns when the watch is armed.
  ///
  /// `wake` is the folder of the wake file, on a file system where inotify works.
  init(
    directory: Directory, wake: Directory, mailbox: Mailbox,
    beforeReading: @escaping @Sendable () -> Void
  ) throws {
    self.mailbox = mailbox
    self.beforeReading = beforeReading
    orders = Mutex(Orders(directory: directory))
    wakeFile = try Self.openWakeFile(in: wake)
    // What stop() will need is tried now, where a missing right can still be told.
    try wakeFile.wakeWatchers()
    try SystemThread.start(named: "inbox-watch") { [self] in
      run()
      ended.signal()
    }
    do {
      try awaitAnswer()
    } catch {
      // The thread may go on, and would keep the library from the next watch.
      try stop()
      throw error
    }
  }

  /// Watches this directory instead of the one before; returns when the watch is armed.
  func watch(_ directory: Directory) throws {
    let failure = orders.withLock { orders in
      orders.directory = directory
      return orders.failure
    }
    if let failure { throw failure }
    try wakeFile.wakeWatchers()
    try awaitAnswer()
  }

  /// Ends the thread and gives the library back; returns when that is done.
  func stop() throws {
    orders.withLock { $0.stops = true }
    try wakeFile.wakeWatchers()
    ended.wait()
    ended.signal()
  }

  private func awaitAnswer() throws(InboxError) {
    answered.wait()
    let answer = orders.withLock { orders in
      defer { orders.answer = nil }
      return orders.answer
    }
    try answer?.get()
  }

  private static func openWakeFile(in folder: Directory) throws(FileError) -> OpenFile {
    guard let name = FileName(wakeName) else { preconditionFailure("a constant, and a name") }
    do {
      return try folder.createFile(name)
    } catch  where error.isTaken {
      if let file = try folder.openFile(name) { return file }
      throw error
    }
  }
}
