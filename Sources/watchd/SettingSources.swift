import Configuration
import Foundation
import SystemPackage
import TaskModel
import Yams

/// Where settings come from, and which source won for each.
///
/// The sources are swift-configuration's providers, asked one by one in the order of their precedence, so
/// that the origin of each value is known. All values are read as text: one place checks them.
struct SettingSources {
  enum Origin: Hashable {
    case flag
    case variable(String)
    case file(String)
    case fallback

    var shown: String {
      switch self {
      case .flag: "flag"
      case .variable(let name): "variable \(name)"
      case .file(let path): "file \(path)"
      case .fallback: "default"
      }
    }
  }

  /// The YAML file; nil where none is named.
  let path: String?
  /// What there was of it before it was read.
  let seen: ConfigurationWatch.Status
  private let found: [Setting: (value: String, origin: Origin)]

  /// Asks all sources; where no YAML file is named, the variable WATCHD_CONFIG may name one.
  init(flags: [Setting: String], config: String?) async throws {
    let environment = ProcessInfo.processInfo.environment
    try Self.refuseUnknownVariables(environment)
    let variables = EnvironmentVariablesProvider(environmentVariables: environment)
    let path = config ?? environment[Self.configVariable]
    seen = path.map { ConfigurationWatch.status(of: $0) } ?? .success(nil)
    let file = try await path.asyncMap { path in try await Self.file(at: path) } ?? nil
    let given = InMemoryProvider(
      name: "flags",
      values: Dictionary(
        uniqueKeysWithValues: flags.map { setting, value in
          (AbsoluteConfigKey([setting.name]), ConfigValue(.string(value), isSecret: false))
        }))
    var found: [Setting: (String, Origin)] = [:]
    for setting in Setting.allCases {
      if let value = try Self.text([setting.name], from: given) {
        found[setting] = (value, .flag)
      } else if let value = try Self.text(["watchd", setting.name], from: variables) {
        found[setting] = (value, .variable(setting.variable))
      } else if let path, let file, let value = try Self.text([setting.name], from: file) {
        found[setting] = (value, .file(path))
      } else {
        found[setting] = (setting.defaultValue, .fallback)
      }
    }
    self.found = found
    self.path = path
  }

  private static let configVariable = "WATCHD_CONFIG"

  /// The settings, each checked.
  ///
  /// - Throws: `ConfigurationError`, which names the setting and where its value came from.
  func settings() throws(ConfigurationError) -> Settings { try settings(keeping: nil).0 }

  /// The settings for a daemon that runs: each checked, and those that need a restart as `started` has them.
  ///
  /// - Returns: With the ones that would be otherwise after a restart.
  func settings(
    keeping started: SettingSources?
  ) throws(ConfigurationError) -> (Settings, waiting: [Setting]) {
    // All are checked, the ones that wait as well: a file that keeps the next start from running is refused now.
    let wanted = try checked { setting in text(of: setting) }
    guard let started else { return (wanted, []) }
    let waiting = Setting.allCases.filter { setting in
      setting.needsRestart && text(of: setting) != started.text(of: setting)
    }
    let settings = try checked { setting in
      (setting.needsRestart ? started : self).text(of: setting)
    }
    return (settings, waiting)
  }

  private func text(of setting: Setting) -> String {
    found[setting]?.value ?? setting.defaultValue
  }

  private func checked(
    _ text: (Setting) -> String
  ) throws(ConfigurationError) -> Settings {
    do throws(SettingError) {
      return try Settings(value: text)
    } catch {
      guard case .badValue(let setting, _, _) = error, let origin = found[setting]?.origin else {
        throw .setting(error, origin: nil)
      }
      throw .setting(error, origin: origin.shown)
    }
  }

  /// One line a setting: name, value, origin.
  var table: String {
    let width = Setting.allCases.map(\.name.count).max() ?? 0
    let lines = Setting.allCases.compactMap { setting -> (String, Origin)? in
      guard let (value, origin) = found[setting] else { return nil }
      let padding = String(repeating: " ", count: width - setting.name.count)
      return ("\(setting.name):\(padding) \(value.escapedForTerminal)", origin)
    }
    let valueWidth = lines.map(\.0.count).max() ?? 0
    return lines.map { line, origin in
      line + String(repeating: " ", count: valueWidth - line.count) + "  # \(origin.shown)\n"
    }.joined()
  }

  private static func text(_ key: [String], from provider: any ConfigProvider) throws -> String? {
    let value = try provider.value(forKey: AbsoluteConfigKey(key), type: .string).value
    guard let value, case .string(let text) = value.content else { return nil }
    return text
  }

  /// A misspelt variable would be a setting that silently is not made.
  private static func refuseUnknownVariables(
    _ environment: [String: String]
  ) throws(ConfigurationError) {
    // WATCHD_STRICT belongs to the build, which may run the daemon.
    let known = Setting.allCases.map(\.variable) + [configVariable, "WATCHD_STRICT"]
    for name in environment.keys.sorted() where name.hasPrefix("WATCHD_") && !known.contains(name) {
      let nearest = Setting.nearest(to: name, among: known)
      throw .setting(.unknown(name, nearest: nearest), origin: "the environment")
    }
  }

  /// Reads the YAML file; nil where it holds nothing.
  private static func file(at path: String) async throws -> FileProvider<YAMLSnapshot>? {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ConfigurationError.unreadable(path, "\(error.localizedDescription)")
    }
    // Looked through first, because a provider answers for the keys it is asked and never says
    // which others it has.
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw ConfigurationError.unreadable(path, "it is not YAML: \(error)")
    }
    guard let root else { return nil }
    guard let mapping = root.mapping else {
      throw ConfigurationError.unreadable(path, "it has no lines of the form key: value")
    }
    let names = Setting.allCases.map(\.name)
    for (key, value) in mapping {
      let name = key.string ?? "\(key)"
      guard names.contains(name) else {
        let nearest = Setting.nearest(to: name, among: names)
        throw ConfigurationError.setting(.unknown(name, nearest: nearest), origin: path)
      }
      guard value.scalar != nil else {
        throw ConfigurationError.unreadable(path, "the value of \(name) is not a single one")
      }
    }
    return try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
  }
}

/// Why the settings cannot be used.
enum ConfigurationError: Error, CustomStringConvertible {
  case setting(SettingError, origin: String?)
  case unreadable(String, String)

  var description: String {
    switch self {
    case .setting(let error, let origin):
      "\(error)" + (origin.map { " (from \($0))" } ?? "")
    case .unreadable(let path, let reason):
      "cannot use the configuration file \(path.escapedForTerminal): \(reason.onOneLine)"
    }
  }
}

extension String {
  /// Line breaks, as in the picture that a YAML parser draws, become spaces.
  fileprivate var onOneLine: String {
    split(whereSeparator: \.isWhitespace).joined(separator: " ").escapedForTerminal
  }
}

extension Optional {
  fileprivate func asyncMap<Value>(
    _ transform: (Wrapped) async throws -> Value
  ) async rethrows -> Value? {
    guard let self else { return nil }
    return try await transform(self)
  }
}
