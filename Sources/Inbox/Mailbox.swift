import Dispatch
import Files
import Synchronization
import TaskModel

/// What the watch found, kept for the inbox's thread: bounded, and never lossy without saying so.
///
/// One entry a name, for only the last word on it counts. When `limit` names wait, the next one
/// turns into a rescan, which finds them all.
final class Mailbox: Sendable {
  struct Contents {
    var hints: [FileName: Hint] = [:]
    var rescans: Set<RescanReason> = []
    /// Somebody calls for attention: stop() was called, or the watch is armed.
    var woken = false

    var isEmpty: Bool { hints.isEmpty && rescans.isEmpty && !woken }
  }

  private let contents = Mutex(Contents())
  /// Signalled when the contents turn from empty to not empty, so it counts to one at most beyond
  /// what is awaited; a wait that finds nothing only looks once too often.
  private let filled = TimedSemaphore()
  private let limit: Int

  init(limit: Int = 8192) {
    self.limit = limit
  }

  func post(_ hint: Hint, name: FileName) {
    update { contents in
      let earlier = contents.hints[name]
      guard earlier != nil || contents.hints.count < limit else {
        contents.rescans.insert(.mailboxFull)
        return
      }
      // A change of permissions says nothing of how the file came.
      contents.hints[name] = hint == .touched ? earlier ?? hint : hint
    }
  }

  func post(_ reason: RescanReason) {
    update { $0.rescans.insert(reason) }
  }

  func wake() {
    update { $0.woken = true }
  }

  /// Empties the box, waiting for something to be in it until the deadline at the latest.
  func take(until deadline: SuspendingClock.Instant) -> Contents {
    while true {
      let taken = contents.withLock { contents in
        defer { contents = Contents() }
        return contents
      }
      let left = SuspendingClock.now.duration(to: deadline)
      if !taken.isEmpty || left <= .zero { return taken }
      // DispatchTime counts CLOCK_MONOTONIC, as SuspendingClock does.
      let (seconds, attoseconds) = left.components
      let interval = DispatchTimeInterval.nanoseconds(
        Int(min(seconds, 86_400)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000) + 1)
      _ = filled.wait(until: .now() + interval)
    }
  }

  private func update(_ change: (inout Contents) -> Void) {
    let wasEmpty = contents.withLock { contents in
      let wasEmpty = contents.isEmpty
      change(&contents)
      return wasEmpty
    }
    if wasEmpty { filled.signal() }
  }
}
