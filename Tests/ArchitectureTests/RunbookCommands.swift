/// The commands of a runbook that stand in its sentences, held against those that a test runs.
///
/// What stands in its blocks is run as it is. What stands in a sentence is a command with holes (`TASK`), so it is held by its
/// words: in this order they have to stand in one line of a block, or of the test's script.
enum RunbookCommands {
  /// What the sentences tell people to run.
  ///
  /// A program that is not here is taken for a name.
  static let programs: Set<String> = [
    "apt-get", "fuser", "journalctl", "kill", "mount", "runuser", "smbpasswd", "systemctl",
    "usermod", "watchctl", "watchd",
  ]

  static func findings(in page: Document, script: String) -> [Finding] {
    let run = page.codeLines.map(\.text) + script.split(separator: "\n").map(String.init)
    let lines = run.filter { !$0.drop { $0 == " " }.hasPrefix("#") }.map(words)
    return page.codeSpans.filter { isCommand($0.text) }
      .filter { span in !lines.contains { contains(wanted(span.text), in: $0) } }
      .map {
        Finding(page.path, line: $0.line, "no test runs `\($0.text)`; run it in the runbook's test")
      }
  }

  /// A program and at least one argument: one word alone is a name.
  private static func isCommand(_ text: String) -> Bool {
    let words = text.split(separator: " ")
    return words.count > 1 && programs.contains(String(words[0]))
  }

  /// Its words without the holes, which are in capitals.
  private static func wanted(_ text: String) -> [String] {
    words(text).filter { word in !word.allSatisfy { $0.isUppercase } }
  }

  private static func words(_ text: String) -> [String] {
    text.split { " \"'()`".contains($0) }.map(String.init)
  }

  private static func contains(_ wanted: [String], in line: [String]) -> Bool {
    var rest = wanted[...]
    for word in line where word == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }
}
