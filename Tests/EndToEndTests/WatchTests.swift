import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// `status --watch` in a terminal of its own.
  @Suite struct Watch {
    private let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
    }

    private static let beginning = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    private static let ending = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    private func watch() async throws -> ChildProcess {
      try sandbox.drop("good.csv", Sandbox.plays(1))
      try sandbox.drop("bad.csv", "Song,Date,Number of Plays\nA,d,x\n")
      #expect(try await sandbox.once().end == .exit(1))
      let watch = try ChildProcess(
        Programs.env,
        ["python3", Programs.script("terminal.py"), "80", Programs.watchctl]
          + ["status", "--watch", "--state", sandbox.state],
        environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"])
      try await eventually("a picture") { try text(watch).contains("1 done, 1 failed") }
      return watch
    }

    private func text(_ watch: ChildProcess) throws -> String {
      String(decoding: try watch.standardOutput(), as: UTF8.self)
    }

    @Test
    func `Ctrl-C gives the terminal back, the last picture on it, and ends it as any program`()
      async throws
    {
      let watch = try await watch()
      watch.send(SIGUSR1)
      // What a shell shows as 130: it was ended by SIGINT.
      #expect(try await watch.end() == .exit(256 - SIGINT))
      let shown = try text(watch)
      #expect(shown.hasPrefix(Self.beginning), "\(shown.debugDescription)")
      let parts = shown.components(separatedBy: Self.ending)
      #expect(parts.count == 2)
      let last = try #require(parts.last).replacing("\r\n", with: "\n")
      #expect(last.hasPrefix("STATUS") && last.hasSuffix("1 done, 1 failed\n"), "\(last)")
    }

    @Test func `a window that gets narrower is drawn anew, with fewer columns`() async throws {
      let watch = try await watch()
      #expect(try text(watch).contains("REJECTED"))
      watch.send(SIGUSR2)
      try await eventually("a picture that fits") {
        let picture = try text(watch).components(separatedBy: "\u{1B}[H").last ?? ""
        return picture.contains("1 done, 1 failed") && !picture.contains("SIZE")
          && picture.split(whereSeparator: \.isNewline).allSatisfy {
            $0.replacing("\u{1B}[K", with: "").replacing("\u{1B}[J", with: "").count <= 60
          }
      }
      watch.send(SIGUSR1)
      _ = try await watch.end()
    }
  }
}
