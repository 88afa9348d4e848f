/// Every setting of the daemon, once: its name, its default and its sentence of help.
///
/// The one source for the flag (`--max-rejects`), the variable (`WATCHD_MAX_REJECTS`), the key in the
/// YAML file (`max-rejects`), the defaults, the help and the README's table. Whoever adds a case also
/// adds its field in `Settings`, its flag in `SettingFlags` (watchd) and its row in the README.
package enum Setting: String, CaseIterable, Sendable {
  case inbox
  case outbox
  case state
  case http
  case httpTokenFile = "http-token-file"
  case workers
  case memory
  case keep
  case maxRejects = "max-rejects"
  case maxRecord = "max-record"
  case dates
  case onDuplicate = "on-duplicate"
  case lineEnding = "line-ending"
  case escapeFormulas = "escape-formulas"
  case archive
  case retention
  case minFree = "min-free"
  case maxUpload = "max-upload"
  case onDone = "on-done"
  case onFailed = "on-failed"
  case hookTimeout = "hook-timeout"
  case settle
  case rescan
  case logFormat = "log-format"
  case logLevel = "log-level"

  /// The name as flag (after `--`) and as key.
  package var name: String { rawValue }

  /// The name as environment variable.
  package var variable: String {
    "WATCHD_" + rawValue.uppercased().replacing("-", with: "_")
  }

  /// What a value looks like, for the help.
  package var placeholder: String {
    switch self {
    case .inbox, .outbox, .state: "DIR"
    case .http: "HOST:PORT|off"
    case .httpTokenFile: "FILE|none"
    case .workers: "N"
    case .memory, .maxRecord, .minFree, .maxUpload: "SIZE"
    case .keep: "totals|rows"
    case .maxRejects: "N|all"
    case .dates: "any|calendar"
    case .onDuplicate: "reuse|load"
    case .lineEnding: "lf|crlf"
    case .escapeFormulas: "true|false"
    case .archive: "keep|delete"
    case .retention: "TIME|off"
    case .onDone, .onFailed: "COMMAND|off"
    case .settle, .rescan, .hookTimeout: "TIME"
    case .logFormat: "text|json"
    case .logLevel: "LEVEL"
    }
  }

  /// Whether a running daemon keeps the value it was started with: what is opened, started or divided up then.
  package var needsRestart: Bool {
    switch self {
    case .inbox, .outbox, .state, .http, .httpTokenFile, .maxUpload, .workers, .memory: true
    case .keep, .maxRejects, .maxRecord, .dates, .onDuplicate, .lineEnding, .escapeFormulas,
      .archive, .retention, .minFree, .onDone, .onFailed, .hookTimeout, .settle, .rescan,
      .logFormat, .logLevel:
      false
    }
  }

  /// The value that holds where nobody gives one.
  package var defaultValue: String {
    switch self {
    case .inbox: "./inbox"
    case .outbox: "./outbox"
    case .state: "./state"
    case .http: "127.0.0.1:5000"
    case .httpTokenFile: "none"
    case .workers: "2"
    case .memory: "256MiB"
    case .keep: "totals"
    case .maxRejects: "0"
    case .maxRecord: "16MiB"
    case .dates: "any"
    case .onDuplicate: "reuse"
    case .lineEnding: "lf"
    case .escapeFormulas: "false"
    case .archive: "keep"
    case .retention: "off"
    case .minFree: "256MiB"
    case .maxUpload: "16GiB"
    case .onDone, .onFailed: "off"
    case .hookTimeout: "1m"
    case .settle: "500ms"
    case .rescan: "10s"
    case .logFormat: "text"
    case .logLevel: "info"
    }
  }

  /// One sentence.
  package var help: String {
    switch self {
    case .inbox: "Where files are dropped."
    case .outbox: "Where results, rejects and receipts appear."
    case .state: "Where the database, the work and the archive are; never on a network file system."
    case .http:
      "Where the page and the HTTP API answer, or off; another than a loopback address needs a token."
    case .httpTokenFile: "A file with the token that HTTP then asks everybody for, or none."
    case .workers: "How many files of more than 256 KiB are processed at a time."
    case .memory: "How much memory the sums of the files being processed may take together."
    case .keep: "What the database keeps: totals of a song and date, or every row."
    case .maxRejects: "How many rejected records a file may have before it fails."
    case .maxRecord: "The longest record, its line end not counted."
    case .dates: "Whether a date that is no real day written YYYY-MM-DD or YYYYMMDD is rejected."
    case .onDuplicate: "Whether the same bytes again count once (reuse) or again (load)."
    case .lineEnding: "How the lines of a result end."
    case .escapeFormulas: "Whether a ' is put before fields that a spreadsheet would run."
    case .archive: "Whether the originals of finished files are kept."
    case .retention:
      "After how long a finished file's original, result, rows, rejects and events are removed; off: never."
    case .minFree: "Free disk space below which watchd takes no file and waits; 0 for no bound."
    case .maxUpload: "The largest upload over HTTP, all files of one request together."
    case .onDone: "A program to run for each file that is done, with its receipt on standard input."
    case .onFailed:
      "A program to run for each file that failed, with its receipt on standard input."
    case .hookTimeout: "How long such a program may take."
    case .settle: "How long a file written in place must hold still before it is taken."
    case .rescan: "How often the inbox is looked through even if no event came."
    case .logFormat: "Lines for people or JSON objects, on standard error."
    case .logLevel: "The least level logged: trace, debug, info, notice, warning, error, critical."
    }
  }

  /// Those that other programs than the daemon go by; it records them in its state.
  package static let recorded: [Setting] = [.archive, .minFree, .retention, .settle]

  /// The names nearest to a mistyped one, for the error message; nil where none is near.
  package static func nearest(to typed: String, among names: [String]) -> String? {
    let ranked = names.map { (name: $0, distance: editDistance(typed, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(2, best.name.count / 2) ? best.name : nil
  }

  /// Levenshtein's distance, in single-character edits.
  private static func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, character) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (character == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
