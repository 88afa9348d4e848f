import Foundation
import Glibc

/// Draws one picture after another in the same place of a terminal; anywhere else they follow each other.
///
/// A terminal has a second screen for that, so that what was to be seen before is there again afterwards, with the last
/// picture below it. Lines that are too long are cut there, not wrapped, so a picture stays in place while a window
/// gets narrower (XTerm Control Sequences, DECSET 1049, 25 and 7).
struct Screen {
  private static let begin = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
  private static let end = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
  /// After these the terminal is given back first; the last one tells of another size.
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH]
  private static let pause = 0.5

  private let isTerminal =
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  private var latest = ""

  /// Draws what `picture` returns, twice a second and when the terminal gets another size, until a signal or an error ends it.
  mutating func show(_ picture: () throws -> String) throws {
    guard isTerminal else {
      while true {
        try StandardOutput.show(try picture())
        Thread.sleep(forTimeInterval: Self.pause)
      }
    }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for signal in Self.signals { unsafe sigaddset(&signals, signal) }
    _ = unsafe sigprocmask(SIG_BLOCK, &signals, nil)
    do {
      try StandardOutput.show(Self.begin)
      while true {
        try draw(try picture())
        try rest(for: signals)
      }
    } catch {
      try StandardOutput.show(Self.end)
      throw error
    }
  }

  private mutating func draw(_ text: String) throws {
    latest = text
    // Home, each line erased and written, and the rest of the screen erased (ECMA-48: CUP, EL, ED): no flicker, as clearing
    // all first would cause. Erased behind its text, a line that fills the width would lose its last letter.
    try StandardOutput.show(
      "\u{1B}[H\u{1B}[K" + text.replacingOccurrences(of: "\n", with: "\n\u{1B}[K") + "\u{1B}[J")
  }

  /// Waits for the time of the next picture, or for a signal.
  private func rest(for signals: sigset_t) throws {
    var signals = signals
    var time = timespec(tv_sec: 0, tv_nsec: Int(Self.pause * 1e9))
    switch unsafe sigtimedwait(&signals, nil, &time) {
    case -1, SIGWINCH: break
    case SIGTSTP:
      try StandardOutput.show(Self.end)
      raise(SIGSTOP)
      try StandardOutput.show(Self.begin)
    case let signal:
      try StandardOutput.show(Self.end + latest)
      _ = unsafe sigprocmask(SIG_UNBLOCK, &signals, nil)
      // Ends the process as it would have without us.
      raise(signal)
    }
  }
}
