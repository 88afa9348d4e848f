import Logging
import Synchronization

/// What was logged.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  func add(_ line: String) { lines.withLock { $0.append(line) } }

  /// The lines that hold this text.
  func holding(_ text: String) -> [String] {
    lines.withLock { lines in lines.filter { $0.contains(text) } }
  }
}

/// Collects lines as "level message".
struct CollectingLog: LogHandler {
  let lines: LogLines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.notice

  init(_ lines: LogLines) {
    self.lines = lines
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    lines.add("\(event.level) \(event.message)")
  }
}
