import Testing

@testable import TaskModel

struct SettingsTests {
  /// The settings with one text in place of a default.
  private func settings(
    _ changed: Setting? = nil, _ text: String = ""
  ) throws(SettingError) -> Settings {
    try Settings { $0 == changed ? text : $0.defaultValue }
  }

  @Test func `the defaults are the documented ones`() throws {
    let defaults = try settings()
    #expect(
      [defaults.inbox, defaults.outbox, defaults.state] == ["./inbox", "./outbox", "./state"])
    #expect(defaults.memory == 256 << 20)
    #expect(defaults.maxRecord == 16 << 20)
    #expect(defaults.maxRejects == 0)
    #expect(defaults.keep == .totals)
    #expect(defaults.dates == .any)
    #expect(defaults.onDuplicate == .reuse)
    #expect(defaults.lineEnding == .lf)
    #expect(defaults.escapeFormulas == false)
    #expect(defaults.archive == .keep)
    #expect(defaults.logFormat == .text)
  }

  @Test(
    arguments: [
      (.inbox, ["", "a\u{0}b"]), (.outbox, [""]), (.state, [""]),
      (
        .http,
        [
          "", "OFF", "on", "5000", "0.0.0.0:5000", "example.org:80", "127.0.0.1:65536",
          "127.0.0.1:", "a/b:80", ":80",
        ]
      ), (.httpTokenFile, ["", "a\u{0}b"]),
      (.workers, ["", "0", "-1", "+2", "257", "two", "1.5", " 2"]),
      (.memory, ["", "0", "1023KiB", "lots", "-1MiB"]), (.keep, ["", "Totals", "all"]),
      (.maxRejects, ["", "-1", "+1", "ALL", "1.0", "9223372036854775808"]),
      (.maxRecord, ["", "63", "1025MiB", "16"]), (.dates, ["", "iso"]), (.onDuplicate, ["skip"]),
      (.lineEnding, ["", "LF", "\n"]), (.escapeFormulas, ["", "yes", "1", "True"]),
      (.archive, ["", "true"]), (.settle, ["", "1", "-1s", "soon"]),
      (.onDone, ["", " ", "on", "./hook", "hook -v", "~/hook"]), (.onFailed, ["", "hook"]),
      (.hookTimeout, ["", "0s", "999ms"]), (.rescan, ["99ms", "0s", "1"]),
      (.logFormat, ["", "JSON"]), (.logLevel, ["", "warn", "INFO"]),
    ] as [(Setting, [String])])
  func `a bad value is refused with the setting and the value named`(
    setting: Setting, texts: [String]
  ) throws {
    for text in texts {
      let error = #expect(throws: SettingError.self, "\(setting.name) = \(text)") {
        try settings(setting, text)
      }
      let sentence = try #require(error).description
      #expect(sentence.contains(setting.name))
      #expect(sentence.contains("\"\(text.escapedForTerminal)\""))
      #expect(sentence.contains("it takes "))
    }
  }

  @Test func `each setting has a test of bad values`() {
    // A setting that takes any text would have none; there is no such setting.
    for setting in Setting.allCases {
      #expect(throws: SettingError.self, "\(setting.name)") { try settings(setting, "") }
    }
  }

  @Test func `the bounds of the numbers are allowed`() throws {
    #expect(try settings(.workers, "1").workers == 1)
    #expect(try settings(.workers, "256").workers == 256)
    #expect(try settings(.memory, "1MiB").memory == 1 << 20)
    #expect(try settings(.maxRecord, "64").maxRecord == 64)
    #expect(try settings(.maxRecord, "1GiB").maxRecord == 1 << 30)
    #expect(try settings(.rescan, "100ms").rescan == .milliseconds(100))
    #expect(try settings(.settle, "0s").settle == .zero)
  }

  @Test func `any number of rejects is no number`() throws {
    #expect(try settings(.maxRejects, "all").maxRejects == nil)
    #expect(try settings(.maxRejects, "10").maxRejects == 10)
  }

  @Test func `every choice in the help can be chosen`() throws {
    // Small letters are a word to be typed, capitals stand for something.
    for setting in Setting.allCases {
      let choices = setting.placeholder.split(separator: "|").map(String.init)
      guard choices.count > 1 else { continue }
      for choice in choices where choice == choice.lowercased() {
        #expect(throws: Never.self, "\(setting.name) = \(choice)") { try settings(setting, choice) }
      }
    }
  }

  @Test func `a setting has one name, as flag, as variable and in a file`() {
    #expect(Setting.maxRejects.name == "max-rejects")
    #expect(Setting.maxRejects.variable == "WATCHD_MAX_REJECTS")
    for setting in Setting.allCases {
      #expect(setting.variable == "WATCHD_" + setting.name.uppercased().replacing("-", with: "_"))
      #expect(setting.help.hasSuffix("."))
    }
  }

  @Test(
    arguments: [
      ("max-reject", "max-rejects"), ("maxrejects", "max-rejects"), ("inbx", "inbox"),
      ("worker", "workers"), ("on_duplicate", "on-duplicate"), ("Memory", "memory"),
      ("zzzzzzzzzzzzzzzzzzzz", nil),
    ] as [(String, String?)])
  func `a mistyped name is answered with the nearest one`(typed: String, nearest: String?) {
    #expect(Setting.nearest(to: typed, among: Setting.allCases.map(\.name)) == nearest)
  }

  @Test func `an unknown key is named, made safe, with the nearest one`() {
    let error = SettingError.unknown("inbx\u{1B}", nearest: "inbox")
    #expect(
      error.description == "there is no setting \"inbx\\u{1B}\"; did you mean \"inbox\"?")
    #expect(SettingError.unknown("x", nearest: nil).description == "there is no setting \"x\"")
  }
}
