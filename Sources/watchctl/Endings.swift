import Glibc

/// Being asked to end, between two steps of something that should not be left half done.
enum Endings {
  private static let signals = [SIGINT, SIGTERM]

  /// From here on these signals wait, for `areAsked` to find them.
  static func holdBack() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for ending in signals { unsafe sigaddset(&set, ending) }
    _ = unsafe sigprocmask(SIG_BLOCK, &set, nil)
  }

  /// Lets them end the process again: one that came meanwhile does so at once.
  static func letGo() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for ending in signals { unsafe sigaddset(&set, ending) }
    _ = unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
  }

  static func areAsked() -> Bool {
    var set = sigset_t()
    guard unsafe sigpending(&set) == 0 else { return false }
    return signals.contains { unsafe sigismember(&set, $0) == 1 }
  }
}
