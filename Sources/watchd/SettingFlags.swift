import ArgumentParser
import TaskModel

/// The settings as flags; all are text here, for one place checks them all (`Settings`).
struct SettingFlags: ParsableArguments {
  @Option(name: .long, help: .setting(.inbox)) var inbox: String?
  @Option(name: .long, help: .setting(.outbox)) var outbox: String?
  @Option(name: .long, help: .setting(.state)) var state: String?
  @Option(name: .long, help: .setting(.http)) var http: String?
  @Option(name: .long, help: .setting(.httpTokenFile)) var httpTokenFile: String?
  @Option(name: .long, help: .setting(.workers)) var workers: String?
  @Option(name: .long, help: .setting(.memory)) var memory: String?
  @Option(name: .long, help: .setting(.keep)) var keep: String?
  @Option(name: .long, help: .setting(.maxRejects)) var maxRejects: String?
  @Option(name: .long, help: .setting(.maxRecord)) var maxRecord: String?
  @Option(name: .long, help: .setting(.dates)) var dates: String?
  @Option(name: .long, help: .setting(.onDuplicate)) var onDuplicate: String?
  @Option(name: .long, help: .setting(.lineEnding)) var lineEnding: String?
  @Option(name: .long, help: .setting(.escapeFormulas)) var escapeFormulas: String?
  @Option(name: .long, help: .setting(.archive)) var archive: String?
  @Option(name: .long, help: .setting(.retention)) var retention: String?
  @Option(name: .long, help: .setting(.minFree)) var minFree: String?
  @Option(name: .long, help: .setting(.maxUpload)) var maxUpload: String?
  @Option(name: .long, help: .setting(.onDone)) var onDone: String?
  @Option(name: .long, help: .setting(.onFailed)) var onFailed: String?
  @Option(name: .long, help: .setting(.hookTimeout)) var hookTimeout: String?
  @Option(name: .long, help: .setting(.settle)) var settle: String?
  @Option(name: .long, help: .setting(.rescan)) var rescan: String?
  @Option(name: .long, help: .setting(.logFormat)) var logFormat: String?
  @Option(name: .long, help: .setting(.logLevel)) var logLevel: String?

  /// What was given.
  var values: [Setting: String] {
    var values: [Setting: String] = [:]
    for setting in Setting.allCases { values[setting] = self[setting] }
    return values
  }

  private subscript(setting: Setting) -> String? {
    switch setting {
    case .inbox: inbox
    case .outbox: outbox
    case .state: state
    case .http: http
    case .httpTokenFile: httpTokenFile
    case .workers: workers
    case .memory: memory
    case .keep: keep
    case .maxRejects: maxRejects
    case .maxRecord: maxRecord
    case .dates: dates
    case .onDuplicate: onDuplicate
    case .lineEnding: lineEnding
    case .escapeFormulas: escapeFormulas
    case .archive: archive
    case .retention: retention
    case .minFree: minFree
    case .maxUpload: maxUpload
    case .onDone: onDone
    case .onFailed: onFailed
    case .hookTimeout: hookTimeout
    case .settle: settle
    case .rescan: rescan
    case .logFormat: logFormat
    case .logLevel: logLevel
    }
  }
}

extension ArgumentHelp {
  fileprivate static func setting(_ setting: Setting) -> ArgumentHelp {
    ArgumentHelp(
      "\(setting.help) Default: \(setting.defaultValue).", valueName: setting.placeholder)
  }
}
