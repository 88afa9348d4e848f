import Files
import Foundation
import Logging
import TaskModel

/// Structured log lines on standard error: for people, for the journal, or one JSON object each.
///
/// Every line is one write(2), so that lines of several threads never mix, and everything in it is
/// escaped: a file name cannot forge a line or steer a terminal.
struct LineLogHandler: LogHandler {
  private let style: LogStyle
  /// Of one logger, where it is not that of all.
  private var ownLevel: Logger.Level?
  var metadata: Logger.Metadata = [:]

  init(_ style: LogStyle) { self.style = style }

  var logLevel: Logger.Level {
    get { ownLevel ?? style.choice.level }
    set { ownLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).description
    let line =
      switch style.choice.format {
      case .text where style.isJournal: text("", "\(event.message)", all)
      case .text: text("\(now) \(event.level.rawValue) ", "\(event.message)", all)
      case .json: json(now, event.level, "\(event.message)", all)
      }
    StandardError.write((style.isJournal ? event.level.journalPrefix : "") + line + "\n")
  }

  private func text(
    _ head: String, _ message: String, _ metadata: Logger.Metadata
  ) -> String {
    var line = head + message.escapedForTerminal
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      let shown = "\(value)".escapedForTerminal
      let needsQuotes = shown.isEmpty || shown.contains { $0 == " " || $0 == "\"" || $0 == "=" }
      line += " \(key)="
      line += needsQuotes ? "\"" + shown.replacingOccurrences(of: "\"", with: "\\\"") + "\"" : shown
    }
    return line
  }

  private func json(
    _ time: String, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata
  ) -> String {
    var fields = metadata.mapValues { "\($0)" }
    fields["time"] = time
    fields["level"] = level.rawValue
    fields["message"] = message
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(fields), as: UTF8.self).withInvisibleEscaped
    } catch {
      // Text always encodes; should it not, the line for people is better than none.
      return text("\(time) \(level.rawValue) ", message, metadata)
    }
  }
}
