/// Bounds what the log gets of one kind of trouble: with a hundred thousand files that wait for a disk, a line for each attempt of each
/// would fill the disk that they wait for.
///
/// What is left out is counted, and told with the next line that is not. Nothing is lost by it: each task's own reason is in the
/// manifest, and the metrics count all attempts.
struct LineLimit {
  /// Lines of a kind, in a window.
  static let most = 30
  static let window = Duration.seconds(60)

  private struct Window {
    var begin: ContinuousClock.Instant
    var lines = 0
    var leftOut = 0
  }

  private var windows: [Hindrance: Window] = [:]

  /// How many lines were left out before this one; nil where this one is, too.
  mutating func admit(_ kind: Hindrance, at now: ContinuousClock.Instant) -> Int? {
    var current = windows[kind] ?? Window(begin: now)
    defer { windows[kind] = current }
    if now - current.begin >= Self.window {
      current = Window(begin: now, lines: 0, leftOut: current.leftOut)
    }
    guard current.lines < Self.most else {
      current.leftOut += 1
      return nil
    }
    current.lines += 1
    defer { current.leftOut = 0 }
    return current.leftOut
  }
}
