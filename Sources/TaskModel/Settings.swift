/// The settings as values, each checked; made once at start and handed on whole.
package struct Settings: Hashable, Sendable {
  package enum Keep: String, Sendable, CaseIterable {
    case totals
    case rows
  }

  package enum Dates: String, Sendable, CaseIterable {
    case any
    case calendar
  }

  /// What to do with bytes that count already under another task.
  package enum OnDuplicate: String, Sendable, CaseIterable {
    /// Publish a result for the new name, keep the rows of the first task only.
    case reuse
    /// Count the rows again.
    case load
  }

  package enum LineEnding: String, Sendable, CaseIterable {
    case lf
    case crlf
  }

  package enum Archive: String, Sendable, CaseIterable {
    case keep
    case delete
  }

  package enum LogFormat: String, Sendable, CaseIterable {
    case text
    case json
  }

  package enum LogLevel: String, Sendable, CaseIterable {
    case trace
    case debug
    case info
    case notice
    case warning
    case error
    case critical
  }

  package let inbox: String
  package let outbox: String
  package let state: String
  /// Nil: no HTTP.
  package let http: HTTPAddress?
  /// Nil: nobody is asked for a token.
  package let httpTokenFile: String?
  package let workers: Int
  /// Bytes, for all files together.
  package let memory: Int
  package let keep: Keep
  /// Nil: any number of rejected records is let pass.
  package let maxRejects: Int?
  /// Bytes.
  package let maxRecord: Int
  package let dates: Dates
  package let onDuplicate: OnDuplicate
  package let lineEnding: LineEnding
  package let escapeFormulas: Bool
  package let archive: Archive
  /// Nil: all is kept for ever.
  package let retention: Duration?
  /// Bytes; 0: no bound.
  package let minFree: Int64
  /// Bytes, for all files of one request.
  package let maxUpload: Int64
  /// A program by its whole path, and its arguments; nil: none.
  package let onDone: [String]?
  package let onFailed: [String]?
  package let hookTimeout: Duration
  package let settle: Duration
  package let rescan: Duration
  package let logFormat: LogFormat
  package let logLevel: LogLevel
  /// The texts of `Setting.recorded`.
  package let recorded: [Setting: String]

  /// Checks every value.
  ///
  /// - Parameter value: The text given for a setting, or its default.
  /// - Throws: The first setting whose text is no value of it.
  package init(value: (Setting) -> String) throws(SettingError) {
    func parse<Value>(
      _ setting: Setting, _ expected: String, _ parser: (String) -> Value?
    ) throws(SettingError) -> Value {
      guard let parsed = parser(value(setting)) else {
        throw SettingError.badValue(setting, value(setting), expected: expected)
      }
      return parsed
    }
    func choice<Value: RawRepresentable & CaseIterable>(
      _ setting: Setting
    ) throws(SettingError) -> Value where Value.RawValue == String {
      let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
      return try parse(setting, "one of: \(names)") { Value(rawValue: $0) }
    }
    func directory(_ setting: Setting) throws(SettingError) -> String {
      try parse(setting, "a directory") { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
    }
    inbox = try directory(.inbox)
    outbox = try directory(.outbox)
    state = try directory(.state)
    http = try parse(.http, "HOST:PORT, or off", HTTPAddress.parse)
    httpTokenFile = try parse(.httpTokenFile, "a file, or none", Self.file)
    workers = try parse(.workers, "a number from 1 to 256") { Int($0, in: 1...256) }
    memory = try parse(.memory, sizeForm + ", at least 1MiB") {
      Self.size($0, in: 1 << 20...Int.max)
    }
    keep = try choice(.keep)
    maxRejects = try parse(.maxRejects, "a number from 0 on, or all") { text in
      text == "all" ? .some(nil) : Int(text, in: 0...Int.max).map(Optional.some)
    }
    maxRecord = try parse(.maxRecord, sizeForm + ", from 64 bytes to 1GiB") {
      Self.size($0, in: 64...1 << 30)
    }
    dates = try choice(.dates)
    onDuplicate = try choice(.onDuplicate)
    lineEnding = try choice(.lineEnding)
    escapeFormulas = try parse(.escapeFormulas, "true or false") { Bool($0) }
    archive = try choice(.archive)
    retention = try parse(.retention, timeForm + ", at least 1s, or off") { text in
      text == "off" ? .some(nil) : Self.time(text, atLeast: .seconds(1)).map(Optional.some)
    }
    minFree = try parse(.minFree, sizeForm + ", or 0") { ByteSize.parse($0).map(Int64.init) }
    maxUpload = try parse(.maxUpload, sizeForm) { ByteSize.parse($0).map(Int64.init) }
    let command = "the whole path of a program, arguments after it behind spaces, or off"
    onDone = try parse(.onDone, command, Self.command)
    onFailed = try parse(.onFailed, command, Self.command)
    hookTimeout = try parse(.hookTimeout, timeForm + ", at least 1s") {
      Self.time($0, atLeast: .seconds(1))
    }
    settle = try parse(.settle, timeForm) { Duration(setting: $0) }
    rescan = try parse(.rescan, timeForm + ", at least 100ms") {
      Self.time($0, atLeast: .milliseconds(100))
    }
    logFormat = try choice(.logFormat)
    logLevel = try choice(.logLevel)
    recorded = Dictionary(uniqueKeysWithValues: Setting.recorded.map { ($0, value($0)) })
    try checkToken()
  }
}

/// What values look like, for the error message.
private let timeForm = "a time such as 500ms, 10s, 5m, 2h or 30d"
private let sizeForm = "a size such as 65536, 16MiB or 2GiB"

extension Settings {
  private func checkToken() throws(SettingError) {
    guard let http, !http.isLoopback, httpTokenFile == nil else { return }
    throw SettingError.badValue(
      .http, "\(http.host):\(http.port)",
      expected: "a loopback address, unless http-token-file names a token")
  }

  private static func file(_ text: String) -> String?? {
    text == "none" ? .some(nil) : text.isEmpty || text.utf8.contains(0) ? nil : .some(text)
  }

  private static func size(_ text: String, in range: ClosedRange<Int>) -> Int? {
    ByteSize.parse(text).flatMap { range.contains($0) ? $0 : nil }
  }

  private static func time(_ text: String, atLeast least: Duration) -> Duration? {
    Duration(setting: text).flatMap { $0 >= least ? $0 : nil }
  }

  /// Nil where it is neither a command nor off; no shell will look at it, so there is nothing to quote.
  private static func command(_ text: String) -> [String]?? {
    if text == "off" { return .some(nil) }
    let words = text.split(separator: " ").map(String.init)
    guard let program = words.first, program.hasPrefix("/"), !text.utf8.contains(0) else {
      return nil
    }
    return words
  }
}

/// A setting that does not exist, or a value that it cannot have.
package enum SettingError: Error, Hashable, Sendable, CustomStringConvertible {
  case badValue(Setting, String, expected: String)
  case unknown(String, nearest: String?)

  package var description: String {
    switch self {
    case .badValue(let setting, let value, let expected):
      "\(setting.name) cannot be \"\(value.escapedForTerminal)\": it takes \(expected)"
    case .unknown(let key, let nearest):
      "there is no setting \"\(key.escapedForTerminal)\""
        + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
    }
  }
}

extension Int {
  /// Reads plain ASCII digits within a range; `Int("+5")` would take a sign.
  fileprivate init?(_ text: String, in range: ClosedRange<Int>) {
    guard !text.isEmpty, text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
      let number = Int(text), range.contains(number)
    else { return nil }
    self = number
  }
}
