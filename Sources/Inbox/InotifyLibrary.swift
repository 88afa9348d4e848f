import CInotifyTools
import Files
import Glibc
import Synchronization
import TaskModel

// The one place that calls libinotifytools (3.22.6), and what it takes to do so safely.
//
// The library has one queue a process, static buffers and no locks. So there is one owner at a
// time, who calls from one thread, and the queue is opened once and never closed:
// inotifytools_cleanup() leaves what it has read but not handed out in a static buffer, and the
// next queue would begin with those events. A watch descriptor is never given out twice by one
// queue, so what is left over from an earlier owner is known by its descriptor and dropped.
//
// Directories are watched through /proc/self/fd/N (proc(5)): that is the very directory whose
// descriptor is held, whatever its path leads to by now, and no byte of the operator's path has to
// pass through the library. A rule follows: unwatch first, then close. The library finds a watch by
// its name only, and once the kernel has dropped a watch by itself, the library can neither forget
// nor replace it. It does so only for an inode that nobody holds any more, so the order keeps the
// two in step; and where they part all the same (a forced unmount), `alias` makes the next name a
// new one.
//
// Time-outs are whole seconds, and 0 means for ever: there are none here. Whoever waits is woken by
// an event of a file that is watched for the purpose.

/// The queue of events; owned by one thread between `acquire` and `release`.
struct InotifyLibrary: ~Copyable {
  /// One event, copied out of the library's buffer.
  struct Event {
    /// -1 for an overflow.
    var watch: Int32
    var mask: UInt32
    /// Nil for an event of the watched object itself.
    var name: FileName?

    func has(_ flag: Int32) -> Bool { mask & UInt32(bitPattern: flag) != 0 }
  }

  private struct Process {
    var isOwned = false
    var isOpen = false
  }
  private static let process = Mutex(Process())

  /// How many watches the library failed to forget.
  private var alias = 0

  /// Opens the queue while the process has few descriptors: see `open`.
  ///
  /// A failure is told by whoever needs the queue.
  static func prepareProcess() {
    process.withLock { process in
      if process.isOpen { return }
      do throws(InboxError) {
        try open()
        process.isOpen = true
      } catch {
        // `acquire` tries again, and throws.
      }
    }
  }

  /// Takes the library for this process, opening its queue at the first time.
  static func acquire() throws(InboxError) -> InotifyLibrary {
    try process.withLock { (process) throws(InboxError) in
      if process.isOwned { throw .alreadyWatching }
      if !process.isOpen {
        try open()
        process.isOpen = true
      }
      process.isOwned = true
    }
    return InotifyLibrary()
  }

  private init() {}

  deinit {
    Self.process.withLock { $0.isOwned = false }
  }

  /// Opens the queue.
  ///
  /// The library reads it with select(2), whose sets end at FD_SETSIZE (1024) without a check, and
  /// opens it without O_CLOEXEC. It does not tell the descriptor; that is the lowest free one
  /// (inotify_init(2) as any), so it is found by asking for that just before.
  private static func open() throws(InboxError) {
    let lowest = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
    if lowest >= 0 { _ = close(lowest) }
    guard lowest < 1000 else { throw .tooManyDescriptors }
    guard inotifytools_initialize() != 0 else {
      throw .library(path: "the inbox", code: inotifytools_error())
    }
    var target = [CChar](repeating: 0, count: 64)
    guard lowest >= 0, unsafe readlink("/proc/self/fd/\(lowest)", &target, target.count) > 0,
      target.starts(with: "anon_inode:inotify".utf8.map { CChar(bitPattern: $0) })
    else { return }
    _ = fcntl(lowest, F_SETFD, FD_CLOEXEC)
  }

  /// Watches what an open descriptor refers to; it must stay open until `remove`.
  func add(descriptor: Int32, events: Int32, shown: String) throws(InboxError) -> Watch {
    let suffix = String(repeating: "/.", count: events & IN_ONLYDIR == 0 ? 0 : alias)
    let path = "/proc/self/fd/\(descriptor)" + suffix
    guard unsafe inotifytools_watch_file(path, events) != 0 else {
      throw .library(path: shown, code: inotifytools_error())
    }
    return Watch(path: path, number: unsafe inotifytools_wd_from_filename(path))
  }

  /// Ends a watch; what it had already reported may still come.
  mutating func remove(_ watch: Watch) {
    if inotifytools_remove_watch_by_wd(watch.number) == 0 { alias += 1 }
  }

  /// Waits for the next event.
  ///
  /// - Returns: Nil where the wait was interrupted by a signal.
  func next() throws(InboxError) -> Event? {
    guard let event = unsafe inotifytools_next_event(-1) else {
      let code = inotifytools_error()
      if code == 0 || code == EINTR { return nil }
      throw .library(path: "the inbox", code: code)
    }
    // The event lies in the library's buffer until the next call; its name is `len` bytes,
    // NUL-padded (inotify(7)), right behind the fixed part.
    let fixed = unsafe event.pointee
    let bytes = unsafe UnsafeRawBufferPointer(
      start: UnsafeRawPointer(event).advanced(by: MemoryLayout<inotify_event>.size),
      count: Int(fixed.len))
    let name = unsafe FileName(bytes: bytes.prefix { $0 != 0 })
    return Event(watch: fixed.wd, mask: fixed.mask, name: name)
  }

  /// A watch, by the name under which the library knows it and the kernel's number.
  struct Watch {
    fileprivate let path: String
    let number: Int32
  }
}
