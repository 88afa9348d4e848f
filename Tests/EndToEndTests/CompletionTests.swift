import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What Tab offers in bash, by the script that is installed.
  @Suite struct Completion {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    /// The words that bash is given for the last of these.
    private func offered(_ words: [String]) async throws -> Set<String> {
      // As readline calls it: the function's name, the word, and the one before it.
      let script = """
        source <("$1" --generate-completion-script bash)
        PATH=$(dirname "$1"):$PATH
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=$((${#COMP_LINE}))
        _watchctl watchctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """
      let outcome = try await run(
        "/bin/bash", ["-c", script, "bash", Programs.watchctl, "watchctl"] + words,
        directory: sandbox.desk)
      #expect(outcome.end == .exit(0), "\(outcome.errorText)")
      return Set(outcome.output.split(separator: "\n").map(String.init))
    }

    @Test func `commands, flags, words, files and the names of tasks are offered`() async throws {
      try sandbox.drop("good.csv", Sandbox.plays(1))
      try sandbox.drop("gone $(reboot) \u{1B}[31m.csv", Sandbox.plays(2))
      #expect(try await sandbox.once().end == .exit(0))
      try Data().write(to: URL(fileURLWithPath: sandbox.desk + "/corrected.csv"))
      #expect(try await offered(["st"]) == ["status"])
      #expect(try await offered(["status", "--sta"]).isSuperset(of: ["--state", "--status"]))
      #expect(try await offered(["status", "--status", "f"]) == ["failed"])
      for command in ["submit", "check", "process"] {
        #expect(try await offered([command, "corr"]) == ["corrected.csv"], "\(command)")
      }
      for command in ["status", "why", "wait", "result", "retry", "cancel", "forget"] {
        // No other name: what a shell would run is not offered to it.
        #expect(
          try await offered([command, "--state", sandbox.state, "go"]) == ["good.csv"], "\(command)"
        )
      }
      #expect(try await offered(["status", "--state", "/nowhere", "go"]) == [])
    }
  }
}
