/// Nobody reads standard output any more, as after `watchctl status | head -1`.
///
/// Not an error: whoever asked has seen enough. `Watchctl.main` ends with exit code 0.
struct NobodyReads: Error {}

/// Standard output, written in large pieces.
struct StandardOutput: ~Copyable {
  private var pending: [UInt8] = []
  private var target = OutputFile.standardOutput()

  private static let chunk = 64 << 10

  mutating func write(_ text: String) throws {
    pending += text.utf8
    if pending.count >= Self.chunk { try flush() }
  }

  mutating func write(_ bytes: [UInt8]) throws {
    pending += bytes
    if pending.count >= Self.chunk { try flush() }
  }

  /// Must be called at the end; what is pending is lost otherwise.
  mutating func flush() throws {
    guard !pending.isEmpty else { return }
    guard try target.write(pending, count: pending.count) else { throw NobodyReads() }
    pending.removeAll(keepingCapacity: true)
  }

  /// Writes a text that is whole.
  static func show(_ text: String) throws {
    var output = StandardOutput()
    try output.write(text)
    try output.flush()
  }
}
