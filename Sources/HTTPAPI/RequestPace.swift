import NIOCore

/// How slow a client may be: the decision of `ConnectionGuard`, as a value that takes the time.
///
/// The clock of a body runs only while we wait for the client: what our own disk holds up is not held against it.
struct RequestPace {
  /// The figures of Apache's mod_reqtimeout as distributions set them, and a bound of all.
  struct Limits: Sendable {
    /// For the whole head, and for a connection that asks for nothing.
    var head = TimeAmount.seconds(20)
    /// Of waiting for a body, before its rate counts.
    var grace = TimeAmount.seconds(20)
    /// The least, of a body, after that.
    var bytesPerSecond: Int64 = 1024
    /// For a whole body.
    var body = TimeAmount.hours(12)
    /// How long a client may take nothing of an answer.
    var write = TimeAmount.seconds(60)
  }

  private enum Phase {
    case head(since: NIODeadline)
    case body(since: NIODeadline)
    /// The request is read; what takes time now is ours.
    case answer
  }

  let limits: Limits
  private var phase: Phase
  private var received: Int64 = 0
  private var waited = TimeAmount.zero
  private var waitingSince: NIODeadline?
  private var stalledSince: NIODeadline?

  init(limits: Limits, now: NIODeadline) {
    self.limits = limits
    phase = .head(since: now)
  }

  var isInBody: Bool {
    if case .body = phase { true } else { false }
  }

  mutating func beginBody(_ now: NIODeadline) {
    phase = .body(since: now)
    received = 0
    waited = .zero
    waitingSince = nil
  }

  /// We want more of the body.
  mutating func wait(_ now: NIODeadline) {
    if isInBody, waitingSince == nil { waitingSince = now }
  }

  mutating func receive(_ count: Int, _ now: NIODeadline) {
    received += Int64(count)
    if let since = waitingSince { waited = waited + (now - since) }
    waitingSince = nil
  }

  mutating func endRequest() { phase = .answer }
  mutating func endAnswer(_ now: NIODeadline) { phase = .head(since: now) }

  /// Whether the client takes what we write.
  mutating func setWritable(_ isWritable: Bool, _ now: NIODeadline) {
    if isWritable { stalledSince = nil } else if stalledSince == nil { stalledSince = now }
  }

  /// When the client will have been too slow, if nothing comes until then.
  var deadline: NIODeadline? {
    let reading: NIODeadline? =
      switch phase {
      case .head(let since): since + limits.head
      case .body(let since): min(since + limits.body, bodyDeadline ?? .distantFuture)
      case .answer: nil
      }
    let writing = stalledSince.map { $0 + limits.write }
    guard let reading, let writing else { return reading ?? writing }
    return min(reading, writing)
  }

  private var bodyDeadline: NIODeadline? {
    guard let since = waitingSince else { return nil }
    // More bytes than all of its time asks for earn nothing more.
    let counted = min(received, limits.bytesPerSecond * (limits.body.nanoseconds / 1_000_000_000))
    let earned = TimeAmount.milliseconds(counted * 1000 / limits.bytesPerSecond)
    return since + (limits.grace + earned - waited)
  }
}
