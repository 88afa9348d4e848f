import Logging
import Synchronization
import TaskModel
import Testing

@testable import Hooks

/// What a pipeline meets that hands tasks over; what becomes of them is tested with the whole daemon.
struct HooksTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private struct Collecting: LogHandler {
    let lines: Lines
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.all.withLock { $0.append("\(event.message)") } }
  }

  private let lines = Lines()

  private func hooks(_ command: String) throws -> Hooks {
    let settings = try Settings { $0 == .onDone ? command : $0.defaultValue }
    let logger = Logger(label: "test") { [lines] _ in Collecting(lines: lines) }
    return Hooks(settings, outbox: "/", state: "/", logger: logger)
  }

  /// Nobody stops it.
  private let forever: @Sendable () async -> Void = {
    // Ends when it is cancelled.
    for await _ in AsyncStream<Void>(Void.self, { _ in }) {}
  }

  private func call(_ status: TaskStatus = .done) -> Hooks.Call {
    var random = SystemRandomNumberGenerator()
    return Hooks.Call(
      taskID: TaskID(milliseconds: 1, random: &random), name: "a.csv", status: status, receipt: [])
  }

  @Test func `more than can wait are not run, and each is told of`() throws {
    // Nobody runs any, so all wait.
    let hooks = try hooks("/bin/true")
    for _ in 0..<Hooks.mostWaiting + 3 { hooks.add(call()) }
    #expect(
      lines.all.withLock { $0 }
        == Array(repeating: "a hook is not run: too many are waiting", count: 3))
  }

  @Test func `what has no hook does not wait for one`() async throws {
    let hooks = try hooks("/bin/true")
    for _ in 0..<2 * Hooks.mostWaiting { hooks.add(call(.failed)) }
    hooks.close()
    await hooks.run(until: forever)
    #expect(lines.all.withLock { $0 } == [])
  }

  @Test func `all that was added before the end is run`() async throws {
    let hooks = try hooks("/bin/true")
    for _ in 0..<10 { hooks.add(call()) }
    hooks.close()
    await hooks.run(until: forever)
    #expect(lines.all.withLock { $0 } == Array(repeating: "a hook was run", count: 10))
  }

  @Test func `what comes after a stop is told of, and so is what waits after the grace`()
    async throws
  {
    let hooks = try hooks("/bin/sleep 1000")
    for _ in 0..<10 { hooks.add(call()) }
    await hooks.run(until: {})
    hooks.add(call())
    let lines = lines.all.withLock { $0 }
    #expect(lines.count { $0 == "a hook was ended, for watchd stops" } == Hooks.atOnce)
    #expect(lines.count { $0 == "hooks are not run, for watchd stops" } == 1)
    #expect(lines.last == "a hook is not run, for watchd stops")
  }

  @Test(arguments: [0, 1, 999, 1000, 1001, 1999, 2000, 2001, 100_000])
  func `of what a program says both ends are kept`(count: Int) {
    let bytes = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
    let text = String(decoding: bytes, as: UTF8.self)
    let expected =
      count <= 2000 ? text : "\(text.prefix(1000)) [\(count - 2000) bytes] \(text.suffix(1000))"
    for size in [1, 7, 64 << 10] {
      var excerpt = Excerpt()
      for start in stride(from: 0, to: count, by: size) {
        // The array is there for as long as the call.
        unsafe excerpt.append(bytes[start..<min(start + size, count)].span.bytes)
      }
      #expect(excerpt.text == expected)
    }
  }
}
