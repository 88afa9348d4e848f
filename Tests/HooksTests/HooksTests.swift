import Hooks
import Logging
import Synchronization
import TaskModel
import Testing

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
    await hooks.run()
    #expect(lines.all.withLock { $0 } == [])
  }

  @Test func `all that was added before the end is run`() async throws {
    let hooks = try hooks("/bin/true")
    for _ in 0..<10 { hooks.add(call()) }
    hooks.close()
    await hooks.run()
    #expect(lines.all.withLock { $0 } == Array(repeating: "a hook was run", count: 10))
  }
}
