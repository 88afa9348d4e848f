import Files
import Foundation
import Logging
import Synchronization
import TaskModel

/// How the lines of the log look and which are written, for all loggers of the process; a reload changes it.
final class LogStyle: Sendable {
  struct Choice: Sendable {
    var format: Settings.LogFormat
    var level: Logger.Level

    init(_ settings: Settings) {
      format = settings.logFormat
      level = Logger.Level(settings.logLevel)
    }
  }

  private let current: Mutex<Choice>
  /// Whether the journal reads the lines: it has the time itself, and takes the level from a number at the beginning.
  let isJournal: Bool

  init(
    _ settings: Settings,
    isJournal: Bool = StandardError.isJournal(
      ProcessInfo.processInfo.environment["JOURNAL_STREAM"])
  ) {
    current = Mutex(Choice(settings))
    self.isJournal = isJournal
  }

  var choice: Choice { current.withLock { $0 } }

  func use(_ settings: Settings) { current.withLock { $0 = Choice(settings) } }
}

extension Logger.Level {
  init(_ level: Settings.LogLevel) {
    self =
      switch level {
      case .trace: .trace
      case .debug: .debug
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      case .critical: .critical
      }
  }

  /// The number of syslog(3) that the journal reads in angle brackets (sd-daemon(3)).
  var journalPrefix: String {
    switch self {
    case .trace, .debug: "<7>"
    case .info: "<6>"
    case .notice: "<5>"
    case .warning: "<4>"
    case .error: "<3>"
    case .critical: "<2>"
    }
  }
}
